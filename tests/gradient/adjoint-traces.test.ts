import { describe, expect, it } from "vitest";
import { adjointTraces, hasAdjointTraces } from "../../src/gradient/adjoint-traces.ts";
import { createEstimator } from "../../src/gradient/index.ts";
import { buildNetwork } from "../../src/network/network.ts";
import { pushVoltage, spikeList, voltageSamples } from "../../src/network/observation.ts";
import { gradientOf, observe } from "../conformance/gradients.ts";
import { yinYangProblems } from "../conformance/yin-yang-problems.ts";

const TAU_MEM = 10;
const TAU_SYN = 6;

describe("adjoint traces", () => {
  it("of a readout that is judged by its potential at one time are those of the closed form", () => {
    const readout = {
      name: "readout",
      model: "li",
      size: 1,
      tauMem: TAU_MEM,
      tauSynExc: TAU_SYN,
      tauSynInh: TAU_SYN,
      threshold: 1,
      reset: 0,
      refractory: 0,
    };
    const network = buildNetwork(1, [readout], [{ from: "input", to: "readout", rows: 1 }], 40);
    const voltages = voltageSamples(4);
    const end = 30;
    pushVoltage(voltages, 0, end, 0.3);
    const observation = { duration: 40, inputs: spikeList(1), spikes: spikeList(1), voltages };
    const cotangent = { spike: new Float64Array(1), voltage: Float64Array.of(1) };
    const times = Float64Array.of(1, 5, 12.5, 29, 31, 39);
    const weights = Float64Array.of(0.2);
    const [trace] = adjointTraces(network, observation, weights, cotangent, [0], times, 0.02);
    times.forEach((t, k) => {
      const before = end - t;
      const lambdaV = before < 0 ? 0 : -Math.exp(-before / TAU_MEM) / TAU_MEM;
      // V at the end for a unit of current at t.
      const response =
        before < 0
          ? 0
          : (Math.exp(-before / TAU_MEM) - Math.exp(-before / TAU_SYN)) /
            TAU_MEM /
            (1 / TAU_SYN - 1 / TAU_MEM);
      expect(trace!.lambdaV[k]).toBeCloseTo(lambdaV, 9);
      expect(trace!.lambdaI[k]).toBeCloseTo(-response / TAU_SYN, 12);
    });
  });

  it("give the gradient of every positive input weight: the sum of −τ_s λ_I at the spikes of its source", () => {
    for (const problem of yinYangProblems(3)) {
      const { network, weights } = problem;
      expect(hasAdjointTraces(network)).toBe(true);
      const estimator = createEstimator(network, { kind: "eventprop", slopeFloor: 0.02 });
      const gradient = gradientOf(problem, estimator);
      const { observation, cotangent } = observe(problem);
      const { inputs } = observation;
      // At an input spike the trace is that after it, to a nanosecond's worth of the trace.
      const times = inputs.time.slice(0, inputs.count);
      const neurons = Array.from({ length: network.neurons }, (_, j) => j);
      const traces = adjointTraces(network, observation, weights, cotangent, neurons, times, 0.02);
      const { offset, targets, sources, targetStart } = network.projections[0]!;
      const largest = gradient.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
      for (let source = 0; source < sources; source++) {
        for (let target = 0; target < targets; target++) {
          const at = offset + source * targets + target;
          if (weights[at]! < 0) continue;
          const { lambdaI } = traces[targetStart + target]!;
          const tau = network.constants.tauSynExc[targetStart + target]!;
          const sum = lambdaI.reduce((s, value, k) => s + (inputs.index[k] === source ? -tau * value : 0), 0);
          expect(Math.abs(sum - gradient[at]!)).toBeLessThan(1e-12 * largest);
        }
      }
    }
  });
});
