import { describe, expect, it } from "vitest";
import { createEstimator, type EstimatorConfig, estimatorIncompatibility } from "../../src/gradient/index.ts";
import { interpolateMembranes } from "../../src/gradient/surrogate.ts";
import { createTimeGrid } from "../../src/gradient/time-grid.ts";
import { createLoss } from "../../src/loss/index.ts";
import { emptyCotangent } from "../../src/loss/types.ts";
import { buildNetwork, type PopulationSpec } from "../../src/network/network.ts";
import { pushVoltage, voltageSamples } from "../../src/network/observation.ts";
import { createObservation, createSimulator } from "../../src/network/simulate.ts";
import { gradientOf, inputSlice, newCounts } from "../conformance/gradients.ts";
import { yinYangProblems } from "../conformance/yin-yang-problems.ts";

const SURROGATE: EstimatorConfig = { kind: "surrogate", dt: 0.05, steepness: 50, samplePeriod: 2 };

describe("surrogate", () => {
  it("has no surrogate in the readout: there it converges to the exact gradient", () => {
    const [problem] = yinYangProblems(1);
    const { network } = problem!;
    const from = network.projections[1]!.offset;
    const exact = gradientOf(problem!, createEstimator(network, { kind: "eventprop", slopeFloor: 0 }));
    const estimate = gradientOf(problem!, createEstimator(network, SURROGATE));
    const top = exact.subarray(from).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (let i = from; i < exact.length; i++) {
      // First order in dt / τ = 0.05 / 6.
      expect(Math.abs(estimate[i]! - exact[i]!) / top).toBeLessThan(0.03);
    }
  });

  it("needs membranes of the hidden layer, and keeps a byte of each sample", () => {
    const [problem] = yinYangProblems(1);
    const estimator = createEstimator(problem!.network, SURROGATE);
    expect(estimator.hiddenVoltages).toEqual({ kind: "grid", period: 2 });
  });
});

describe("surrogate of an adaptive neuron", () => {
  const DT = 0.5;
  const STEEPNESS = 8;
  const MEM = 6;
  const SYN = 5;

  /** One ALIF neuron, whose first input spikes at 2 and 14 µs, and the second often enough for several spikes. */
  function adaptive(extra: PopulationSpec["extra"]) {
    const constants = { tauMem: MEM, tauSynExc: SYN, tauSynInh: SYN, threshold: 1, reset: 0, refractory: 1 };
    const population: PopulationSpec = {
      name: "only",
      model: "alif",
      size: 1,
      ...constants,
      ...(extra && { extra }),
    };
    const network = buildNetwork(2, [population], [{ from: "input", to: "only", rows: 1 }], 40);
    const weights = Float64Array.of(0.8, 2.2);
    const inputs = inputSlice([2, 3, 6, 10, 14, 16, 22], [0, 1, 1, 1, 0, 1, 1]);
    const observation = createObservation(network);
    createSimulator(network).run(weights, inputs, [{ kind: "grid", period: 0.5 }], observation);
    const cotangent = emptyCotangent();
    for (let spike = 0; spike < observation.spikes.count; spike++)
      cotangent.spike[spike] = Math.sin(1 + spike);
    const estimator = createEstimator(network, {
      kind: "surrogate",
      dt: DT,
      steepness: STEEPNESS,
      samplePeriod: 0.5,
    });
    const gradient = new Float64Array(2);
    estimator.accumulate(observation, weights, cotangent, gradient, newCounts());
    return { network, observation, cotangent, gradient };
  }

  /** The derivative by the weight of input 0, carried forwards along the same recursions. */
  function forwards({ network, observation, cotangent }: ReturnType<typeof adaptive>): number {
    const grid = createTimeGrid(network, DT);
    grid.read(observation);
    const membranes = new Float64Array(grid.bins);
    interpolateMembranes(observation.voltages, grid, membranes);
    const { adaptation, adaptationJump, tauAdaptation, thresholdJump, tauThreshold } = network.extra;
    let [current, membrane, adapted, raised, height, free, sum] = [0, 0, 0, 0, 0, true, 0];
    for (let bin = 0; bin < grid.bins; bin++) {
      const spike = grid.spike.subarray(0, observation.spikes.count).indexOf(bin);
      const before = [1, 2].some((back) =>
        grid.spike.subarray(0, observation.spikes.count).includes(bin - back),
      );
      const held = spike === -1 && before;
      membrane = (free ? membrane * (1 - DT / MEM) : 0) + (DT / MEM) * (current - adapted);
      free = spike === -1 && !held;
      const blunt = 1 + STEEPNESS * Math.abs(membranes[bin]! - 1 - height);
      const spiked = held || bin === 0 ? 0 : (membrane - raised) / blunt ** 2;
      if (spike !== -1) sum -= cotangent.spike[spike]! * spiked;
      adapted =
        adapted * (1 - DT / tauAdaptation[0]!) +
        (free ? (DT / tauAdaptation[0]!) * adaptation[0]! * membrane : 0) +
        adaptationJump[0]! * spiked;
      raised = raised * (1 - DT / tauThreshold[0]!) + thresholdJump[0]! * spiked;
      height = height * (1 - DT / tauThreshold[0]!) + (spike === -1 ? 0 : thresholdJump[0]!);
      const arrives = [2, 14].some((time) => Math.round(time / DT) === bin);
      current = current * (1 - DT / SYN) + (arrives ? 1 : 0);
    }
    return sum;
  }

  it.each([
    ["a threshold that rises", { thresholdJump: 0.4, tauThreshold: 30 }],
    ["a current", { adaptation: 0.6, adaptationJump: 0.3, tauAdaptation: 25 }],
    [
      "both",
      { adaptation: 0.6, adaptationJump: 0.2, tauAdaptation: 25, thresholdJump: 0.2, tauThreshold: 30 },
    ],
  ])("is the derivative of its recursions: %s", (_name, extra) => {
    const run = adaptive(extra);
    expect(run.observation.spikes.count).toBeGreaterThan(1);
    const expected = forwards(run);
    expect(Math.abs(expected)).toBeGreaterThan(1e-3);
    expect(Math.abs(run.gradient[0]! / expected - 1)).toBeLessThan(1e-11);
  });
});

describe("membranes on the grid", () => {
  it("are linear between samples, constant outside, zero without samples", () => {
    const [problem] = yinYangProblems(1);
    const grid = createTimeGrid(problem!.network, 1);
    const samples = voltageSamples(4);
    pushVoltage(samples, 1, 2.5, 1);
    pushVoltage(samples, 1, 4.5, 3);
    const membranes = new Float64Array(3 * grid.bins);
    interpolateMembranes(samples, grid, membranes);
    const row = (neuron: number) => [...membranes.subarray(neuron * grid.bins, neuron * grid.bins + 7)];
    expect(row(1)).toEqual([1, 1, 1, 1.5, 2.5, 3, 3]);
    expect(row(0)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });
});

describe("steps and periods that make no sense", () => {
  const [problem] = yinYangProblems(1);
  const { network } = problem!;
  const loss = createLoss(network, problem!.loss);
  const reason = (changes: object): string | undefined =>
    estimatorIncompatibility(network, loss, { ...SURROGATE, ...changes } as EstimatorConfig);

  it.each([
    [6, /steps of 6 us \(`estimator.dt`\) are too long: the shortest time constant is 6 us; 0.6 us would do/],
    [
      1e-9,
      /steps of 1e-9 us .* too short: 63 neurons over 38 us make 2.4e\+12 values.*; 0.00026 us would do/,
    ],
  ])("a step of %d us is refused with one that works", (dt, message) => {
    expect(reason({ dt })).toMatch(message);
    const works = Number(/; (\S+) us would do/.exec(reason({ dt }) as string)?.[1]);
    expect(reason({ dt: works })).toBeUndefined();
    expect(estimatorIncompatibility(network, loss, { ...GRID, dt })).toMatch(message);
  });

  it.each([38, 1e-9])("a sampling period of %d us is refused", (samplePeriod) => {
    expect(() => reason({ samplePeriod })).toThrow(/^`estimator.samplePeriod` of /);
  });
});

const GRID = { kind: "eventprop-grid", readout: "exact", slopeFloor: 0 } as const;
