/** Known answers of the losses; laws that hold for all of them are in tests/conformance/losses.test.ts. */

import { describe, expect, it } from "vitest";
import { UserError } from "../../src/core/errors.ts";
import { crossEntropy } from "../../src/loss/cross-entropy.ts";
import { createLoss, type LossConfig } from "../../src/loss/index.ts";
import { emptyCotangent, emptyLossValue } from "../../src/loss/types.ts";
import { buildNetwork } from "../../src/network/network.ts";
import {
  type Observation,
  pushSpike,
  pushVoltage,
  spikeList,
  voltageSamples,
} from "../../src/network/observation.ts";

const tau = { tauMem: 6, tauSynExc: 6, tauSynInh: 6, threshold: 1, reset: 0, refractory: 0 };
const network = buildNetwork(
  1,
  [
    { name: "hidden", model: "lif", size: 2, ...tau },
    { name: "readout", model: "lif", size: 3, ...tau },
  ],
  [{ from: "hidden", to: "readout", rows: 1 }],
  40,
);

function seen(
  spikes: readonly (readonly [number, number])[],
  samples: readonly (readonly [number, number, number])[],
): Observation {
  const observation = {
    duration: 40,
    inputs: spikeList(1),
    spikes: spikeList(4),
    voltages: voltageSamples(4),
  };
  for (const [time, neuron] of spikes) pushSpike(observation.spikes, time, neuron);
  for (const [neuron, time, value] of samples) pushVoltage(observation.voltages, neuron, time, value);
  return observation;
}

function judge(config: LossConfig, observation: Observation, label: number) {
  const cotangent = emptyCotangent();
  const value = emptyLossValue();
  createLoss(network, config).evaluate(observation, label, cotangent, value);
  return { value, cotangent };
}

describe("max-over-time", () => {
  const samples = [
    [2, 1, 0.1],
    [2, 2, 0.3],
    [3, 1, 0.2],
    [4, 2, -0.4],
    [4, 3, -0.1],
  ] as const;
  const config = { kind: "max-over-time", scale: 10, chainScale: "exact", regularization: 4e-4 } as const;

  it("is cross-entropy of ten times the maxima plus 4e-4 times their mean square", () => {
    const { value } = judge(config, seen([], samples), 1);
    const sum = Math.exp(3) + Math.exp(2) + Math.exp(-1);
    expect(value.classification).toBeCloseTo(Math.log(sum) - 2, 12);
    expect(value.regularization).toBeCloseTo((4e-4 * (9 + 4 + 1)) / 3, 12);
    expect(value.prediction).toBe(0);
    expect(value.missingOutputs).toBe(0);
  });

  it("leaves the factor out of the derivative when asked to, as published", () => {
    const exact = judge(config, seen([], samples), 1).cotangent.voltage;
    const published = judge({ ...config, chainScale: "as-published" }, seen([], samples), 1).cotangent
      .voltage;
    expect(exact[1]).not.toBe(0);
    for (let i = 0; i < samples.length; i++) expect(exact[i]).toBeCloseTo(10 * published[i]!, 12);
  });

  it("takes an output without samples for one at rest, and never predicts it", () => {
    const { value, cotangent } = judge(config, seen([], [[2, 1, -5]]), 2);
    expect(value.missingOutputs).toBe(2);
    expect(value.prediction).toBe(0);
    expect(value.classification).toBeCloseTo(Math.log(2 + Math.exp(-50)), 12);
    expect(cotangent.voltage[0]).toBeCloseTo(10 * (Math.exp(-50) / 2) + (10 * 2 * 4e-4 * -50) / 3, 12);
  });

  it("survives scores that would overflow", () => {
    const { value } = judge(
      { ...config, scale: 1e6 },
      seen(
        [],
        [
          [2, 1, 5],
          [3, 1, 1],
        ],
      ),
      1,
    );
    expect(value.classification).toBeCloseTo(4e6, 3);
  });
});

describe("first-spike", () => {
  const config = {
    kind: "first-spike",
    tau0: 0.5,
    tau1: 6.4,
    alpha: 3e-3,
    missingLabel: "no-gradient",
  } as const;

  // T. Wunderlich, C. Pehle 2021, section 4.1, with their constants in ms.
  it("is the published cross-entropy, in any unit of time", () => {
    const { value } = judge(
      config,
      seen(
        [
          [10, 3],
          [10.5, 2],
          [11, 3],
          [12, 4],
        ],
        [],
      ),
      0,
    );
    const weights = [Math.exp(-10.5 / 0.5), Math.exp(-10 / 0.5), Math.exp(-12 / 0.5)];
    const share = weights[0]! / (weights[0]! + weights[1]! + weights[2]!);
    expect(value.classification).toBeCloseTo(-Math.log(share), 12);
    expect(value.regularization).toBeCloseTo(3e-3 * (Math.exp(10.5 / 6.4) - 1), 12);
    expect(value.prediction).toBe(1);
  });

  it("takes the end of the sample for the time of a missing output that is not the label's", () => {
    const { value, cotangent } = judge(config, seen([[38, 3]], []), 1);
    expect(value.missingOutputs).toBe(2);
    const others = 2 * Math.exp(-4);
    expect(value.classification).toBeCloseTo(Math.log1p(others), 12);
    expect(value.prediction).toBe(1);
    const penalty = (3e-3 / 6.4) * Math.exp(38 / 6.4);
    expect(cotangent.spike[0]).toBeCloseTo(others / (1 + others) / 0.5 + penalty, 10);
  });

  it("has no gradient where the label's output is missing, and costs the most that a sample can", () => {
    const { value, cotangent } = judge(config, seen([[38, 3]], []), 0);
    expect(value.missingOutputs).toBe(2);
    expect(cotangent.spike[0]).toBe(0);
    const worst = seen(
      [
        [0, 3],
        [0, 4],
        [40, 2],
      ],
      [],
    );
    expect(value.total).toBe(judge(config, worst, 0).value.total);
  });

  it("takes the label's missing spike for one at the end, and pushes the others, when asked to", () => {
    const { value, cotangent } = judge({ ...config, missingLabel: "end-of-sample" }, seen([[38, 3]], []), 0);
    expect(value.missingOutputs).toBe(2);
    expect(value.classification).toBeCloseTo(Math.log(2 * Math.exp(-80) + Math.exp(-76)) + 80, 10);
    expect(cotangent.spike[0]).toBeLessThan(-1);
  });

  it("refuses a penalty that overflows", () => {
    expect(() => createLoss(network, { ...config, tau1: 0.01 })).toThrow(UserError);
  });
});

describe("target-times", () => {
  it("is the mean squared distance in units", () => {
    const config = { kind: "target-times", correct: 10, wrong: 20, unit: 2 } as const;
    const { value } = judge(
      config,
      seen(
        [
          [9, 3],
          [12, 2],
          [24, 4],
        ],
        [],
      ),
      1,
    );
    expect(value.total).toBeCloseTo((16 + 0.25 + 4) / 3, 12);
    expect(value.prediction).toBe(1);
  });
});

describe("relative-times", () => {
  const config = { kind: "relative-times", lead: 3, unit: 2 } as const;
  const spikes = [
    [9, 3],
    [12, 2],
    [24, 4],
  ] as const;

  it("is half the squared distance of each other output to the lead, in units", () => {
    const { value, cotangent } = judge(config, seen(spikes, []), 0);
    // The label spikes at 12: the others shall come at 15.
    expect(value.total).toBeCloseTo(0.5 * (3 ** 2 + 4.5 ** 2), 12);
    expect([...cotangent.spike.slice(0, 3)]).toEqual([-1.5, -0.75, 2.25]);
    expect(value.prediction).toBe(1);
  });

  it("does not depend on when all outputs spike together", () => {
    const later = spikes.map(([time, neuron]) => [time + 5, neuron] as const);
    expect(judge(config, seen(later, []), 0).value.total).toBe(
      judge(config, seen(spikes, []), 0).value.total,
    );
  });

  it("costs the most and has no gradient when an output is missing", () => {
    const { value, cotangent } = judge(config, seen(spikes.slice(0, 2), []), 0);
    expect(value.missingOutputs).toBe(1);
    expect(value.total).toBeCloseTo(((40 + 3) / 2) ** 2, 12);
    expect(cotangent.spike.every((entry) => entry === 0)).toBe(true);
  });
});

describe("cross-entropy", () => {
  // Two classes, label 0, scores apart by d: p_1 = 1/(1 + e^d), ∂L/∂s_1 = p_1 = −∂L/∂s_0, L = log(1 + e^−d).
  it.each([1, 20, 30, 40, 200, 700])("keeps all digits where the label leads by %d", (lead) => {
    const scores = Float64Array.of(lead, 0);
    const slope = new Float64Array(2);
    const value = crossEntropy(scores, 0, slope);
    const expected = Math.exp(-lead) / (1 + Math.exp(-lead));
    expect(Math.abs(slope[1]! / expected - 1)).toBeLessThan(1e-14);
    expect(slope[0]).toBe(-slope[1]!);
    expect(Math.abs(value / Math.log1p(Math.exp(-lead)) - 1)).toBeLessThan(1e-14);
  });

  it.each([0, 1, 2])("has derivatives that add up to nothing, label %d", (label) => {
    const scores = Float64Array.of(3, -40, 7.5);
    const slope = new Float64Array(3);
    const value = crossEntropy(scores, label, slope);
    const sum = Math.exp(3) + Math.exp(-40) + Math.exp(7.5);
    expect(value).toBeCloseTo(Math.log(sum) - [3, -40, 7.5][label]!, 12);
    expect(Math.abs(slope[0]! + slope[1]! + slope[2]!)).toBeLessThan(1e-16);
    expect(slope[label]).toBeLessThan(0);
  });
});

describe("mean-over-time", () => {
  it("is the trapezoidal mean over uneven samples", () => {
    const samples = [
      [2, 0, 1],
      [2, 1, 3],
      [2, 3, 0],
      [3, 0, 7],
    ] as const;
    const { value } = judge({ kind: "mean-over-time", scale: 1, period: 1 }, seen([], samples), 0);
    const mean = (2 * 1 + 1.5 * 2) / 3;
    expect(value.total).toBeCloseTo(Math.log(Math.exp(mean) + Math.exp(7) + 1) - mean, 12);
    expect(value.missingOutputs).toBe(1);
    expect(value.prediction).toBe(1);
  });
});

describe("mean-over-time with a period that makes no sense", () => {
  it.each([
    [
      40,
      "`loss.period` of 40 us is not shorter than a sample of 40 us: only V(0) would be read",
      "2 us would do",
    ],
    [
      1e-6,
      "`loss.period` of 0.000001 us makes 4.0e+7 samples of each membrane, more than 100000",
      "0.0008 us would do",
    ],
  ])("%d us is refused with one that works", (period, message, hint) => {
    const config = { kind: "mean-over-time", scale: 1, period } as const;
    expect(() => createLoss(network, config)).toThrow(expect.objectContaining({ message, hint }));
    expect(() => createLoss(network, { ...config, period: Number.parseFloat(hint) })).not.toThrow();
  });
});

describe("soft-max-over-time", () => {
  const samples = [
    [2, 0, 1],
    [2, 1, 3],
    [2, 3, 0],
    [3, 0, 2],
    [4, 0, 0],
  ] as const;
  const total = (temperature: number): number =>
    judge({ kind: "soft-max-over-time", scale: 1, temperature, period: 1 }, seen([], samples), 0).value.total;

  it("is the cross-entropy of the maxima when it is cold, of the means when it is hot", () => {
    const entropy = (score: number): number => Math.log(Math.exp(score) + Math.exp(2) + 1) - score;
    expect(total(1e-4)).toBeCloseTo(entropy(3), 2);
    expect(total(1e6)).toBeCloseTo(entropy((2 * 1 + 1.5 * 2) / 3), 4);
  });

  it("is between them in between: T log of the mean exponential", () => {
    const mean = (0.5 * 1 * (Math.exp(1) + Math.exp(3)) + 0.5 * 2 * (Math.exp(3) + 1)) / 3;
    expect(total(1)).toBeCloseTo(Math.log(mean + Math.exp(2) + 1) - Math.log(mean), 12);
  });
});

describe("voltage-at", () => {
  const config = (time: number) =>
    ({ kind: "voltage-at", terms: [{ neuron: 1, time, coefficient: 2 }] }) as LossConfig;
  const samples = [
    [3, 1, 1],
    [3, 3, 5],
  ] as const;

  it.each([
    [1, 2],
    [3, 10],
    [2, 6],
    [1.5, 4],
    [0, 2],
    [39, 10],
  ])("at %d us reads samples, between them linearly, outside the nearest", (time, total) => {
    expect(judge(config(time), seen([], samples), 0).value.total).toBeCloseTo(total, 12);
  });
});

describe("losses refuse what the network does not have", () => {
  it.each<[string, LossConfig]>([
    ["a population", { kind: "target-times", output: "nobody", correct: 1, wrong: 2, unit: 1 }],
    ["a neuron", { kind: "spike-time", terms: [{ neuron: 3, spike: 0, coefficient: 1 }] }],
    ["a neuron", { kind: "voltage-at", terms: [{ neuron: 3, time: 1, coefficient: 1 }] }],
    ["a time", { kind: "voltage-at", terms: [{ neuron: 0, time: 41, coefficient: 1 }] }],
  ])("%s", (_what, config) => {
    expect(() => createLoss(network, config)).toThrow(UserError);
  });

  it("but read any population that there is", () => {
    const config = { kind: "target-times", output: "hidden", correct: 1, wrong: 2, unit: 1 } as const;
    expect(createLoss(network, config).output).toBe("hidden");
  });
});
