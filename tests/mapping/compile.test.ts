import { describe, expect, it } from "vitest";
import { checkConfig } from "../../src/chip/config.ts";
import { UserError } from "../../src/core/errors.ts";
import { sharedCalibration } from "../../src/mapping/calibrations.ts";
import { compileConfig, weightSites } from "../../src/mapping/compile.ts";
import { mapNetwork } from "../../src/mapping/mapped-network.ts";
import { placeNetwork } from "../../src/mapping/place.ts";
import { dequantize, wordOffsets } from "../../src/mapping/quantize.ts";
import { handCalibration } from "./hand-calibration.ts";
import { yinYang } from "./networks.ts";

const network = yinYang();
const placement = placeNetwork(network);
const sites = weightSites(network, placement);
const hidden = Array.from(placement.neuron.subarray(0, 120));
const readout = Array.from(placement.neuron.subarray(120));

describe("compiling", () => {
  const config = compileConfig(network, placement, sharedCalibration(network, handCalibration()), sites);

  it("gives words that a chip accepts", () => {
    expect(() => checkConfig(config)).not.toThrow();
  });

  it("lets LIF neurons fire, keeps LI neurons and unused circuits from it", () => {
    const { thresholdOn, eventsOn, synExcOn, synInhOn } = config.neurons;
    for (let circuit = 0; circuit < 512; circuit++) {
      const fires = hidden.includes(circuit) ? 1 : 0;
      const listens = fires === 1 || readout.includes(circuit) ? 1 : 0;
      expect([thresholdOn[circuit], eventsOn[circuit]]).toEqual([fires, fires]);
      expect([synExcOn[circuit], synInhOn[circuit]]).toEqual([listens, listens]);
    }
  });

  it("gives every row one sign, in pairs, on the rows in use only", () => {
    const { rowMode } = config.routing;
    expect(rowMode.filter((mode) => mode !== 0).length).toBe(50 + 240);
    for (let row = 0; row < 512; row += 2) {
      expect([
        [0, 0],
        [1, 2],
      ]).toContainEqual([rowMode[row], rowMode[row + 1]]);
    }
  });

  it("takes each population's words from its own calibration", () => {
    const slow = handCalibration({ tauMem: 12 });
    slow.words.neurons.leakBias.fill(60);
    slow.words.cadcOffset.fill(7);
    const mixed = compileConfig(
      network,
      placement,
      new Map([
        ["hidden", handCalibration()],
        ["readout", { ...slow, words: { ...slow.words, refractoryClocks: Uint8Array.of(2, 2) } }],
      ]),
      sites,
    );
    expect(hidden.map((circuit) => mixed.neurons.leakBias[circuit])).toEqual(new Array(120).fill(170));
    expect(readout.map((circuit) => mixed.neurons.leakBias[circuit])).toEqual([60, 60, 60]);
    expect(readout.map((circuit) => mixed.cadcOffset[2 * circuit])).toEqual([7, 7, 7]);
    expect(mixed.cadcOffset[2 * hidden[0]!]).toBe(0);
    // One clock for each of the two: no counter changes.
    expect([...mixed.refractoryClocks]).toEqual([2, 0]);
    expect(mixed.neurons.refractoryClock[hidden[0]!]).toBe(1);
    expect(mixed.neurons.refractoryClock[readout[0]!]).toBe(0);
    expect(mixed.neurons.refractoryCounter[hidden[0]!]).toBe(126);
    expect(mixed.neurons.refractoryCounter[readout[0]!]).toBe(126);
  });

  it("refuses calibrations with different DAC biases", () => {
    const calibrations = new Map([
      ["hidden", handCalibration()],
      ["readout", handCalibration({ synapseDacBias: 600 })],
    ]);
    expect(() => compileConfig(network, placement, calibrations, sites)).toThrow(UserError);
    expect(() => compileConfig(network, placement, calibrations, sites)).toThrow("1000 and 600");
  });
});

describe("writing weights", () => {
  const mapped = mapNetwork(network, placement, sharedCalibration(network, handCalibration()));
  const { weight } = mapped.config.synapses;

  it("touches the synapses in use and no other", () => {
    weight.fill(9);
    mapped.writeWeights(new Float64Array(network.weights));
    expect(weight.filter((word) => word === 0).length).toBe(2 * (5 * 120 * 5 + 120 * 3));
    weight.fill(0);
  });

  it("writes only the row of the weight's sign", () => {
    mapped.writeWeights(new Float64Array(network.weights).fill(0.1));
    const positive = weight.filter((word) => word > 0).length;
    const sum = weight.reduce((total, word) => total + word, 0);
    mapped.writeWeights(new Float64Array(network.weights).fill(-0.1));
    expect(weight.filter((word) => word > 0).length).toBe(positive);
    expect(weight.reduce((total, word) => total + word, 0)).toBe(sum);
    // 0.1 · 68.6 = 6.86 → 7 per weight, however many copies.
    expect(sum).toBe(7 * network.weights);
  });

  it("ends with the same words whatever was written before", () => {
    const fresh = mapNetwork(network, placement, sharedCalibration(network, handCalibration()));
    const some = Float64Array.from({ length: network.weights }, (_, i) => 0.02 * ((i % 41) - 20));
    const others = some.map((each, i) => (i % 3 === 0 ? -each : each));
    mapped.writeWeights(some);
    mapped.writeWeights(others);
    fresh.writeWeights(others);
    expect(mapped.words).toEqual(fresh.words);
    expect(weight).toEqual(fresh.config.synapses.weight);
  });

  it("counts what was clipped and reads back what the words stand for", () => {
    const weights = new Float64Array(network.weights).fill(0.5);
    weights[0] = 10;
    weights[network.weights - 1] = -1;
    expect(mapped.writeWeights(weights).saturated).toBe(2);
    const back = new Float64Array(network.weights);
    mapped.readWeights(back);
    const scale = mapped.scales[0]!;
    expect(back[0]).toBeCloseTo((5 * 63) / scale, 12);
    expect(back[1]).toBeCloseTo(34 / scale, 12);
    expect(back[network.weights - 1]).toBeCloseTo(-63 / scale, 12);
  });

  it.each(["spread", "equal"] as const)(
    "reads back what `dequantize` makes of the words, %s copies",
    (copies) => {
      const own = mapNetwork(network, placement, sharedCalibration(network, handCalibration()), {
        copies,
      });
      own.writeWeights(Float64Array.from({ length: network.weights }, (_, i) => 2 * Math.sin(i)));
      const expected = new Float64Array(network.weights);
      network.projections.forEach((projection, p) => {
        const offset = wordOffsets(network)[p]!;
        dequantize(projection, own.words, offset, own.scales[p]!, expected);
      });
      const back = new Float64Array(network.weights);
      own.readWeights(back);
      expect(back.map((weight) => weight + 0)).toEqual(expected.map((weight) => weight + 0));
      expect(new Set(back).size).toBeGreaterThan(50);
    },
  );
});
