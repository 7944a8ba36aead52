import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { buildNetwork, type Network } from "../../src/network/network.ts";
import { createObservation, createSimulator } from "../../src/network/simulate.ts";
import { referenceCases } from "../conformance/reference-cases.ts";
import { inputSlice, lif, spikesOf } from "./samples.ts";
import { simulateInSteps } from "./small-steps.ts";

const cases = referenceCases();

describe("network-gradients.json, 50-digit arithmetic", () => {
  test.runIf(cases.length === 0)("skipped: ../shared/reference is absent", () => {});

  test.each(cases)("$name: all spike times", ({ network, weights, inputs, expected }) => {
    const observation = createObservation(network);
    createSimulator(network).run(
      weights,
      inputs,
      network.populations.map(() => ({ kind: "none" })),
      observation,
    );
    let spikes = 0;
    expected.spikeTimes.forEach((times, neuron) => {
      const found = spikesOf(observation, neuron);
      expect(found).toHaveLength(times.length);
      found.forEach((time, k) => {
        expect(Math.abs(time - times[k]!)).toBeLessThan(1e-12);
      });
      spikes += times.length;
    });
    expect(observation.spikes.count).toBe(spikes);
    expect(spikes).toBeGreaterThan(0);
  });
});

interface Snapshot {
  readonly epoch: number;
  readonly hiddenWeights: readonly (readonly number[])[];
  readonly outputWeights: readonly (readonly number[])[];
  readonly firstOutputSpikeSeconds: readonly (readonly (number | null)[])[];
}

interface Published {
  readonly samples: readonly (readonly number[])[];
  readonly snapshots: readonly Snapshot[];
}

/** First spikes of the three outputs, ms; Infinity for none. */
function firstSpikes(hidden: number, spikes: Iterable<readonly [number, number]>): number[] {
  const first = [Infinity, Infinity, Infinity];
  for (const [time, neuron] of spikes) {
    if (neuron >= hidden) first[neuron - hidden] = Math.min(first[neuron - hidden]!, time);
  }
  return first;
}

function agree(found: readonly number[], published: readonly (number | null)[], tolerance: number): boolean {
  return found.every((time, output) => {
    const seconds = published[output]!;
    return seconds === null ? time === Infinity : Math.abs(time - 1e3 * seconds) < 1e3 * tolerance;
  });
}

// One unit of time is one millisecond here; nothing in the model depends on it.
function publishedNetwork(hidden: number): Network {
  const biology = { tauMem: 20, tauSynExc: 5, tauSynInh: 5 };
  return buildNetwork(
    5,
    [lif("hidden", hidden, biology), lif("output", 3, biology)],
    [
      { from: "input", to: "hidden", rows: 1 },
      { from: "hidden", to: "output", rows: 1 },
    ],
    100,
  );
}

describe.each([0, 1])("Wunderlich & Pehle 2021, trained 5-200-3 networks, seed %i", (seed) => {
  const path = new URL(
    `../../../shared/reference/wunderlich-pehle-yinyang-seed${seed}.json`,
    import.meta.url,
  );

  test.skipIf(!existsSync(path))(
    "published first output spikes within 1e-9 s, and where not, small steps side with us (skipped when ../shared/reference is absent)",
    () => {
      const { samples, snapshots } = JSON.parse(readFileSync(path, "utf8")) as Published;
      for (const { epoch, hiddenWeights, outputWeights, firstOutputSpikeSeconds } of snapshots) {
        const hidden = hiddenWeights[0]!.length;
        const network = publishedNetwork(hidden);
        const weights = Float64Array.from([...hiddenWeights.flat(), ...outputWeights.flat()]);
        const simulator = createSimulator(network);
        const observation = createObservation(network);
        const none = network.populations.map(() => ({ kind: "none" }) as const);
        let different = 0;
        samples.forEach((sample, k) => {
          const events = sample.map((value, source): [number, number] => [30 * value, source]);
          const inputs = inputSlice([...events, [0, 4]]);
          simulator.run(weights, inputs, none, observation);
          const { count, time, index } = observation.spikes;
          const found = firstSpikes(
            hidden,
            Array.from({ length: count }, (_, s) => [time[s]!, index[s]!]),
          );
          if (agree(found, firstOutputSpikeSeconds[k]!, 1e-9)) return;
          different++;
          const judge = firstSpikes(hidden, simulateInSteps(network, weights, inputs, 0.2).spikes);
          const seconds = judge.map((time) => (time === Infinity ? null : time / 1e3));
          expect(agree(found, seconds, 1e-8)).toBe(true);
          expect(agree(judge, firstOutputSpikeSeconds[k]!, 1e-5)).toBe(false);
        });
        // Stored values are wrong now and then (a root bracket lost): 0, 1, 0 and 11 of 200 in the four files.
        expect(different).toBeLessThanOrEqual(epoch < 10 ? 0 : 11);
      }
    },
  );
});
