import { expect, it, test } from "vitest";
import {
  CHECKED_MODELS,
  checkModel,
  preciseSpike,
} from "../../../src/gradcheck/single-neuron/model-check.ts";
import { analyticSpike } from "../../../src/gradcheck/single-neuron/sweep.ts";
import { adaptiveNeuron } from "../../../src/neuron/adaptive.ts";
import { NEUTRAL } from "../../../src/neuron/constants.ts";
import { modelOf } from "../../../src/neuron/models/index.ts";

test.each(CHECKED_MODELS)("%s: spike time and gradient are those of the precise solution", (model) => {
  const { passed, rows, timeError, slopeError } = checkModel(model);
  expect(rows.filter(({ reference }) => reference !== null).length).toBeGreaterThan(5);
  expect(timeError).toBeLessThan(1e-11);
  expect(slopeError).toBeLessThan(1e-10);
  expect(passed).toBe(true);
});

it("is judged by a solution that agrees with the closed form of LIF, and not with that of another neuron", () => {
  const lif = { tauMem: 6, tauSynExc: 5, tauSynInh: 5, threshold: 1, reset: 0, refractory: 1 };
  const neuron = adaptiveNeuron({ ...NEUTRAL, ...lif }, modelOf("lif").intrinsic);
  const precise = preciseSpike(neuron, 4)!;
  const closed = analyticSpike({ tauMem: 6, tauSyn: 5, threshold: 1 }, 4)!;
  expect(Math.abs(precise.time / closed.time - 1)).toBeLessThan(1e-12);
  expect(Math.abs(precise.slope / closed.slope - 1)).toBeLessThan(1e-11);
  const other = analyticSpike({ tauMem: 6.001, tauSyn: 5, threshold: 1 }, 4)!;
  expect(Math.abs(precise.time / other.time - 1)).toBeGreaterThan(1e-5);
});
