import { describe, expect, it } from "vitest";
import { UserError } from "../../src/core/errors.ts";
import { buildNetwork } from "../../src/network/network.ts";
import { createRegularizer, type RegularizerConfig } from "../../src/optimize/regularizers/index.ts";

const tau = { tauMem: 6, tauSynExc: 6, tauSynInh: 6, threshold: 1, reset: 0, refractory: 0 };
const network = buildNetwork(
  2,
  [
    { name: "hidden", model: "lif", size: 3, ...tau },
    { name: "readout", model: "li", size: 2, ...tau },
  ],
  [
    { from: "input", to: "hidden", rows: 1 },
    { from: "hidden", to: "hidden", rows: 1 },
    { from: "hidden", to: "readout", rows: 1 },
  ],
  40,
);
const weights = Float64Array.from({ length: network.weights }, (_, i) => 0.1 * i - 1);

function add(config: RegularizerConfig, spikes: readonly number[]) {
  const gradient = new Float64Array(network.weights);
  const value = createRegularizer(network, config).add(weights, Float64Array.from(spikes), gradient);
  return { value, gradient };
}

describe("rate", () => {
  const band: RegularizerConfig = { kind: "rate", lower: 0.5, upper: 3, strength: 0.2 };

  it("drives the silent and calms the busy, on all their incoming weights alike", () => {
    const { gradient, value } = add(band, [0, 2, 5, 0, 0]);
    const { offset, targets } = network.projections[0]!;
    for (let source = 0; source < 5; source++) {
      expect(gradient[offset + source * targets]).toBeCloseTo(-0.2 * 0.5, 12);
      expect(gradient[offset + source * targets + 1]).toBe(0);
      expect(gradient[offset + source * targets + 2]).toBeCloseTo(0.2 * 2, 12);
    }
    expect(value).toBeCloseTo(0.5 * 0.2 * (0.25 + 4), 12);
  });

  it("leaves readouts, which never spike, alone", () => {
    const { gradient } = add(band, [0, 0, 0, 0, 0]);
    expect(gradient.subarray(network.projections[2]!.offset).every((entry) => entry === 0)).toBe(true);
  });

  it("does nothing within the band", () => {
    const { gradient, value } = add(band, [0.5, 3, 1, 0, 0]);
    expect(value).toBe(0);
    expect(gradient.every((entry) => entry === 0)).toBe(true);
  });

  it("is, for each neuron, the derivative of its value by the neuron's rate", () => {
    const rates = [0.2, 4.1, 0.4, 0, 0];
    const { gradient } = add(band, rates);
    for (let neuron = 0; neuron < 3; neuron++) {
      const moved = (by: number) =>
        add(
          band,
          rates.map((rate, j) => rate + (j === neuron ? by : 0)),
        ).value;
      expect(gradient[neuron]).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 8);
    }
  });

  it("refuses a band upside down and populations that are not there", () => {
    expect(() => createRegularizer(network, { ...band, upper: 0.1 })).toThrow(UserError);
    expect(() => createRegularizer(network, { ...band, populations: ["hiden"] })).toThrow(UserError);
  });
});

describe("weight-decay", () => {
  it("is half the sum of squares, with its derivative", () => {
    const { value, gradient } = add({ kind: "weight-decay", strength: 0.3 }, [0, 0, 0, 0, 0]);
    expect(value).toBeCloseTo(0.15 * weights.reduce((sum, w) => sum + w * w, 0), 12);
    weights.forEach((w, i) => {
      expect(gradient[i]).toBeCloseTo(0.3 * w, 12);
    });
  });

  it("keeps to the projections that are named", () => {
    const config: RegularizerConfig = { kind: "weight-decay", strength: 1, projections: ["hidden>readout"] };
    const { gradient } = add(config, [0, 0, 0, 0, 0]);
    const { offset } = network.projections[2]!;
    expect(gradient.subarray(0, offset).every((entry) => entry === 0)).toBe(true);
    expect(gradient[offset]).toBe(weights[offset]);
  });
});
