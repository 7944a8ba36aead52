import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { collectArrivals, emptyArrivals } from "../../src/network/arrivals.ts";
import { targetsIn } from "../../src/network/graph.ts";
import { spikeList } from "../../src/network/observation.ts";
import { createRecurrentSpikes } from "../../src/network/recurrent-spikes.ts";
import { createObservation, createSimulator } from "../../src/network/simulate.ts";
import { randomSample } from "./samples.ts";

describe("the two ways to find spikes", () => {
  test.each([0, 1.3])("neuron by neuron and event by event agree, refractory time %f us", (refractory) => {
    let spikes = 0;
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { network, weights, inputs } = randomSample(seed, { recurrent: false, refractory });
        const observation = createObservation(network);
        createSimulator(network).run(
          weights,
          inputs,
          network.populations.map(() => ({ kind: "none" })),
          observation,
        );

        const arrivals = emptyArrivals();
        const none = spikeList(0);
        const fan = targetsIn(network, network.populations);
        const { inputs: sources, duration } = network;
        collectArrivals(arrivals, fan, sources, observation.inputs, none, new Float64Array(0), duration);
        const events = spikeList(0);
        createRecurrentSpikes(network, network.populations).run(weights, arrivals, events);

        const found = observation.spikes;
        expect(events.count).toBe(found.count);
        expect(events.index.slice(0, events.count)).toEqual(found.index.slice(0, found.count));
        for (let k = 0; k < found.count; k++) {
          // Rounding of a dozen flows, raised where a membrane grazes its threshold.
          expect(Math.abs(events.time[k]! - found.time[k]!)).toBeLessThan(1e-9);
        }
        spikes += found.count;
      }),
      { numRuns: 200, seed: 4 },
    );
    expect(spikes).toBeGreaterThan(2000);
  });
});
