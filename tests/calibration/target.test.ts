import { describe, expect, it } from "vitest";
import { checkTarget, DEFAULT_TARGET, TARGET_PARAMETERS } from "../../src/calibration/target.ts";
import type { CalibrationTarget } from "../../src/calibration/types.ts";
import { UserError } from "../../src/core/errors.ts";

function refusal(target: CalibrationTarget, locate?: Parameters<typeof checkTarget>[1]): UserError {
  try {
    checkTarget(target, locate);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("the target was accepted");
}

describe("calibration targets", () => {
  it("are by default those of the calibration that is deployed as spiking2, which raise nothing", () => {
    // electronicvisions/calix; the refractory time is that of hxtorch's Yin-Yang example.
    expect(DEFAULT_TARGET).toEqual({
      leak: 80,
      reset: 80,
      threshold: 150,
      tauMem: 6,
      tauSynExc: 6,
      tauSynInh: 6,
      refractory: 1,
      synapseGm: 500,
      synapseDacBias: 1000,
      residual: 1,
    });
    expect(checkTarget(DEFAULT_TARGET)).toEqual([]);
  });

  it.each(TARGET_PARAMETERS)(
    "warn outside the standard range of $name, naming it",
    ({ name, accepted, possible }) => {
      const values = [
        accepted[0] - (accepted[0] - possible[0]) / 2,
        accepted[1] + (possible[1] - accepted[1]) / 2,
      ];
      for (const value of values) {
        if (value >= accepted[0] && value <= accepted[1]) continue;
        const target = { ...DEFAULT_TARGET, reset: 25, threshold: 215, [name]: value };
        const [warning] = checkTarget(target).filter(({ parameter }) => parameter === name);
        expect(warning?.message).toContain(`${name}: ${value}`);
        expect(warning?.message).toContain(`${accepted[0]} … ${accepted[1]}`);
      }
    },
  );

  it.each(TARGET_PARAMETERS)("are refused where $name is impossible", ({ name, possible }) => {
    for (const value of [possible[0] - 1, possible[1] + 1, Number.NaN]) {
      const error = refusal({ ...DEFAULT_TARGET, [name]: value });
      expect([error, ...error.also].some(({ message }) => message.startsWith(`${name}: ${value}`))).toBe(
        true,
      );
      expect(error.exitCode).toBe(3);
    }
  });

  it("report all impossible values at once, with the place in the file", () => {
    const where = { file: "target.yaml", line: 3, column: 9 };
    const error = refusal({ ...DEFAULT_TARGET, tauMem: 5000, leak: 500 }, (name) =>
      name === "leak" ? where : undefined,
    );
    const problems = [error, ...error.also];
    expect(problems.map(({ message }) => message.split(":")[0]).sort()).toEqual(["leak", "tauMem"]);
    const leak = problems.find(({ message }) => message.startsWith("leak:"));
    expect(leak?.where).toEqual(where);
    expect(leak?.hint).toContain("20 … 220");
  });

  it("need a reset below the threshold; a leak above it is only warned of", () => {
    expect(refusal({ ...DEFAULT_TARGET, reset: 190 }).message).toContain("not below threshold");
    const [warning] = checkTarget({ ...DEFAULT_TARGET, threshold: 150, leak: 155 });
    expect(warning?.message).toContain("fire without input");
  });
});
