import { describe, expect, it } from "vitest";
import { createEstimator, estimatorIncompatibility } from "../../src/gradient/index.ts";
import { createLoss, type LossConfig } from "../../src/loss/index.ts";
import { buildNetwork, type PopulationSpec } from "../../src/network/network.ts";

const CLOSED = { kind: "first-spike", slopeFloor: 0.02 } as const;
const TIMES: LossConfig = { kind: "target-times", correct: 8, wrong: 12, unit: 1 };

function network(change: Partial<PopulationSpec> = {}, recurrent = false) {
  const neurons = {
    model: "lif" as const,
    tauMem: 12,
    tauSynExc: 6,
    tauSynInh: 6,
    threshold: 1,
    reset: 0,
    refractory: 100,
  };
  return buildNetwork(
    2,
    [
      { name: "hidden", size: 3, ...neurons },
      { name: "output", size: 2, ...neurons, ...change },
    ],
    [
      { from: "input", to: "hidden", rows: 1 },
      { from: "hidden", to: "output", rows: 1 },
      ...(recurrent ? [{ from: "hidden", to: "hidden", rows: 1 }] : []),
    ],
    60,
  );
}

function reason(of: ReturnType<typeof network>, loss: LossConfig = TIMES): string | undefined {
  return estimatorIncompatibility(of, createLoss(of, loss), CLOSED);
}

describe("first-spike says what it cannot serve", () => {
  it("serves layers with the ratios 1 and 2 and losses on spikes", () => {
    expect(reason(network())).toBeUndefined();
    expect(reason(network({ tauMem: 6 }))).toBeUndefined();
  });

  it.each([
    ["another ratio", network({ tauMem: 7 }), TIMES, /output has 1\.1666/],
    ["two synaptic time constants", network({ tauSynInh: 5 }), TIMES, /6 us and 5 us/],
    ["recurrence", network({}, true), TIMES, /hidden act on themselves/],
    ["a readout that never spikes", network({ model: "li" }), TIMES, /output is li/],
    [
      "a loss on membranes",
      network(),
      { kind: "mean-over-time", scale: 1, period: 1 } as LossConfig,
      /spike times/,
    ],
  ])("refuses %s", (_what, of, loss, message) => {
    expect(reason(of, loss)).toMatch(message);
  });

  it("takes constants as calibrated for the nearest ratio", () => {
    expect(createEstimator(network({ tauMem: 11.6 }), CLOSED).claim).toBe("exact");
  });
});
