/**
 * All steps of a calibration in their order on one chip: each reduces the spread it is responsible for, as it measures
 * it itself and, where a true parameter corresponds to it, in truth.
 */

import { beforeAll, describe, expect, it } from "vitest";
import { emptyMeasurements } from "../../src/calibration/measurement.ts";
import type { StepResult } from "../../src/calibration/parameters/parameter.ts";
import { openSession } from "../../src/calibration/session.ts";
import { median } from "../../src/calibration/spread.ts";
import { STEPS } from "../../src/calibration/steps/index.ts";
import { DEFAULT_TARGET } from "../../src/calibration/target.ts";
import { openChip } from "../../src/chip/index.ts";
import { type TrueNeurons, trueNeurons } from "../../src/chip/simulated/probe.ts";

/** What a step sets, in truth; the first steps for potentials work with the inputs off. */
const PARAMETER: Readonly<Record<string, keyof TrueNeurons>> = {
  leak: "leak",
  reset: "reset",
  threshold: "threshold",
  "tau-syn-exc": "tauSynExc",
  "tau-syn-inh": "tauSynInh",
  "tau-mem": "tauMem",
  "strength-exc": "strengthExc",
  "strength-inh": "strengthInh",
};

/** Steps that come when little is left to do: refinements, and the counter that is computed. */
const REFINEMENTS = new Set(STEPS.map(({ name }) => name).filter((name) => name.endsWith("-again")));
const COMPUTED = "refractory";
/** Steps with one value for the chip. */
const SCALARS = new Set(["spike-latency", "cadc-lag"]);
const SPREADS = STEPS.filter(({ name }) => !SCALARS.has(name));
const FIRST = SPREADS.filter(({ name }) => !REFINEMENTS.has(name) && name !== COMPUTED);

interface Seen extends StepResult {
  /** True values before and after. */
  readonly truth?: readonly [Float64Array, Float64Array];
}

const seen = new Map<string, Seen>();

beforeAll(async () => {
  const chip = await openChip({ kind: "simulated", seed: 4 });
  const session = openSession(chip, DEFAULT_TARGET);
  const context = { session, measured: emptyMeasurements() };
  const truth = async (name: keyof TrueNeurons): Promise<Float64Array> => {
    const inputs = name.startsWith("strength") ? 1 : 0;
    await session.configure({ synExcOn: inputs, synInhOn: inputs, thresholdOn: 1 });
    const dead = trueNeurons(chip).dead;
    return Float64Array.from(trueNeurons(chip)[name]).filter((_, neuron) => dead[neuron] === 0);
  };
  for (const step of STEPS) {
    const parameter = PARAMETER[step.name];
    const before = parameter === undefined ? undefined : await truth(parameter);
    const result = await step.run(context);
    const after = parameter === undefined ? undefined : await truth(parameter);
    seen.set(step.name, {
      ...result,
      ...(before === undefined || after === undefined ? {} : { truth: [before, after] as const }),
    });
  }
}, 180_000);

function resultOf(name: string): Seen {
  const result = seen.get(name);
  if (result === undefined) throw new Error(`step ${name} has not run`);
  return result;
}

/** Root mean square distance from `goal` of the nearest 95 %: dead neurons and strays left out, as the yardstick does. */
function distance(values: ArrayLike<number>, goal: number): number {
  const squares = Float64Array.from(values, (value) => (value - goal) ** 2)
    .filter(Number.isFinite)
    .sort();
  const kept = squares.subarray(0, Math.ceil(0.95 * squares.length));
  return Math.sqrt(kept.reduce((sum, one) => sum + one, 0) / kept.length);
}

describe("each step", () => {
  it.each(FIRST)("$name at least halves the distance from its target", ({ name }) => {
    const { target, before, after } = resultOf(name);
    expect(distance(after, target)).toBeLessThan(0.5 * distance(before, target));
  });

  it.each(Object.keys(PARAMETER))("%s brings neurons together in truth", (name) => {
    const [before, after] = resultOf(name).truth ?? [];
    expect(after?.every(Number.isFinite)).toBe(true);
    const spread = (values: Float64Array = new Float64Array()): number =>
      distance(values, median(values)) / Math.abs(median(values));
    expect(spread(after)).toBeLessThan(0.5 * spread(before));
  });

  it.each(SPREADS.filter(({ name }) => REFINEMENTS.has(name) || name === COMPUTED))(
    "$name keeps what is already good",
    ({ name, tolerance }) => {
      const { target, before, after } = resultOf(name);
      // Codes resolve 0.33 to 0.42 LSB and err by 0.5 codes, so 0.2 LSB stay, whoever sets them.
      expect(distance(after, target)).toBeLessThan(Math.max(0.1 * tolerance, distance(before, target)));
    },
  );

  it.each(SPREADS)("$name leaves nearly all within its tolerance", ({ name, tolerance, unit }) => {
    const { target, after } = resultOf(name);
    const limit = unit === "relative" ? tolerance * Math.abs(target) : tolerance;
    const inside = after.filter((value) => Math.abs(value - target) <= limit).length;
    // The first look at thresholds is coarse and is refined at the end; a chip of 512 has one or two dead neurons.
    expect(inside).toBeGreaterThanOrEqual((name === "threshold" ? 0.95 : 0.99) * after.length);
  });

  it("finds the latency of time stamps and the lag of a converter whose phase is uniform over a period", () => {
    expect(Math.abs(resultOf("spike-latency").target - 0.08)).toBeLessThan(0.01);
    expect(Math.abs(resultOf("cadc-lag").target - 0.5)).toBeLessThan(0.05);
  });
});
