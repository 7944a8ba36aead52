import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RecordingRequest } from "../../src/network/observation.ts";
import { createObservation, createSimulator } from "../../src/network/simulate.ts";
import { randomSample } from "./samples.ts";
import { simulateInSteps } from "./small-steps.ts";

// Runge-Kutta: error per unit time about (step/tau)^4/120 = 2e-9 at 0.1 us and 4.5 us, divided by the slope.
const STEP = 0.1;
const TIME_TOLERANCE = 1e-5;
const DECIDED = 1e-5;

describe("the exact simulator against small steps", () => {
  test.each([
    { recurrent: false, refractory: 0 },
    { recurrent: false, refractory: 1.3 },
    { recurrent: true, refractory: 0 },
    { recurrent: true, refractory: 1.3 },
  ])("random networks spike alike and reach the same maxima: %o", (options) => {
    let spikes = 0;
    let decided = 0;
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { network, weights, inputs } = randomSample(seed, options);
        const steps = simulateInSteps(network, weights, inputs, STEP);
        if (steps.margin < DECIDED) return;
        decided++;
        const observation = createObservation(network);
        const record: RecordingRequest[] = network.populations.map(() => ({ kind: "maximum" }));
        createSimulator(network).run(weights, inputs, record, observation);
        const found = observation.spikes;
        expect([...found.index.subarray(0, found.count)]).toEqual(steps.spikes.map(([, neuron]) => neuron));
        steps.spikes.forEach(([time], k) => {
          expect(Math.abs(found.time[k]! - time)).toBeLessThan(TIME_TOLERANCE);
        });
        spikes += found.count;
        for (let n = 0; n < network.neurons; n++) {
          expect(observation.voltages.neuron[n]).toBe(n);
          // A peak between two steps is missed by at most V̈ step²/8.
          const excess = observation.voltages.value[n]! - steps.highest[n]!;
          expect(excess).toBeGreaterThan(-TIME_TOLERANCE);
          expect(excess).toBeLessThan(2e-3);
        }
      }),
      { numRuns: 40, seed: 20 },
    );
    expect(decided).toBeGreaterThan(32);
    expect(spikes).toBeGreaterThan(10 * decided);
  });
});
