/**
 * The order of the steps, and the cheap ones on a chip: what a step says of itself is compared with the true
 * parameters. The whole table, which takes longer: tests/slow/calibration-steps.test.ts.
 */

import { describe, expect, it } from "vitest";
import { emptyMeasurements } from "../../src/calibration/measurement.ts";
import type { CalibrationStep, StepContext } from "../../src/calibration/parameters/parameter.ts";
import { openSession } from "../../src/calibration/session.ts";
import { median } from "../../src/calibration/spread.ts";
import { STEPS, withOwnSteps } from "../../src/calibration/steps/index.ts";
import { DEFAULT_TARGET } from "../../src/calibration/target.ts";
import { openChip } from "../../src/chip/index.ts";
import { trueNeurons } from "../../src/chip/simulated/probe.ts";
import type { Chip } from "../../src/chip/types.ts";

describe("the table of calibration steps", () => {
  it.each(STEPS)("has every step that $name builds on before it, with a reason", (step) => {
    const earlier = STEPS.slice(0, STEPS.indexOf(step)).map(({ name }) => name);
    for (const { step: needed, reason } of step.after) {
      expect(earlier).toContain(needed);
      expect(reason).not.toBe("");
    }
    expect(step.summary).not.toBe("");
    expect(step.tolerance).toBeGreaterThan(0);
  });

  it("places the step of a further parameter directly behind the last one that it builds on", () => {
    const own: CalibrationStep = {
      ...stepNamed("reset"),
      name: "own",
      after: [
        { step: "threshold", reason: "a reason" },
        { step: "leak", reason: "a reason" },
      ],
    };
    const names = withOwnSteps(STEPS, [{}, { step: own }]).map(({ name }) => name);
    expect(names[names.indexOf("threshold") + 1]).toBe("own");
    expect(names.filter((name) => name !== "own")).toEqual(STEPS.map(({ name }) => name));
    expect(withOwnSteps(STEPS, [{ step: { ...own, after: [] } }])[0]?.name).toBe("own");
  });

  it("refuses a step that builds on one that is not there", () => {
    const own = { ...stepNamed("reset"), name: "own", after: [{ step: "nothing", reason: "a reason" }] };
    expect(() => withOwnSteps(STEPS, [{ step: own }])).toThrow("own builds on a step that is not there");
  });

  it("has no name twice", () => {
    expect(new Set(STEPS.map(({ name }) => name)).size).toBe(STEPS.length);
  });
});

function contextOn(chip: Chip): StepContext {
  return { session: openSession(chip, DEFAULT_TARGET), measured: emptyMeasurements() };
}

function stepNamed(name: string): CalibrationStep {
  const step = STEPS.find((one) => one.name === name);
  if (step === undefined) throw new Error(`there is no step ${name}`);
  return step;
}

/**
 * 95th percentile of the distance of the true potential from the target, LSB, with the words found so far and the
 * inputs off: their offsets, which shift the leak, are corrected later.
 */
async function farOff(chip: Chip, { session }: StepContext, name: "leak" | "reset"): Promise<number> {
  await session.configure({ synExcOn: 0, synInhOn: 0 });
  const errors = trueNeurons(chip)[name].map((value) => Math.abs(value - DEFAULT_TARGET[name]));
  return errors.sort()[Math.floor(0.95 * errors.length)]!;
}

describe("steps on a chip", () => {
  it("bring the converters and then the potentials to the target, in their own words and in truth", async () => {
    const chip = await openChip({ kind: "simulated", seed: 4 });
    const context = contextOn(chip);
    const leak = await farOff(chip, context, "leak");
    const reset = await farOff(chip, context, "reset");
    for (const name of ["cadc-ramp", "cadc-offset", "leak", "reset"]) {
      const step = stepNamed(name);
      const { target, before, after } = await step.run(context);
      const error = (values: Float64Array): number => median(values.map((one) => Math.abs(one - target)));
      expect(error(after), name).toBeLessThan(0.25 * error(before));
      expect(error(after), name).toBeLessThan(step.tolerance / 4);
    }
    // Potentials are set by the causal channel alone; what the channels' gain and curvature leave is below 1 LSB.
    expect(await farOff(chip, context, "leak")).toBeLessThan(Math.min(1.5, 0.2 * leak));
    expect(await farOff(chip, context, "reset")).toBeLessThan(Math.min(1.5, 0.2 * reset));
  });

  it("find nothing to change on a chip without deviations", async () => {
    const chip = await openChip({ kind: "ideal" });
    const context = contextOn(chip);
    const found = context.session.words.neurons;
    const nominal = found.leak[0]!;
    for (const name of ["cadc-ramp", "cadc-offset", "leak"]) {
      const { target, before, after } = await stepNamed(name).run(context);
      expect(Math.abs(median(before) - target), name).toBeLessThan(1);
      expect(Math.abs(median(after) - target), name).toBeLessThan(1);
    }
    // 0.33 LSB per code: one step of the converter is three codes.
    for (const code of found.leak) expect(Math.abs(code - nominal)).toBeLessThanOrEqual(3);
  });
});
