/**
 * Full calibrations of three chips: the yardstick that calibrations of real chips are accepted by, and what a real
 * chip does not show, the true parameters. Measured values and limits: docs/realism.md.
 */

import { beforeAll, describe, expect, it } from "vitest";
import { calibrate, verify } from "../../src/calibration/index.ts";
import { PARAMETERS } from "../../src/calibration/parameters/index.ts";
import { deviation, median, trimmedDeviation } from "../../src/calibration/spread.ts";
import { DEFAULT_TARGET } from "../../src/calibration/target.ts";
import type { Calibration, MeasuredNeurons } from "../../src/calibration/types.ts";
import { openChip } from "../../src/chip/index.ts";
import { type TrueNeurons, trueNeurons } from "../../src/chip/simulated/probe.ts";
import type { Chip } from "../../src/chip/types.ts";
import { withoutCalibration } from "../../src/study/calibration-study.ts";

/**
 * Spread over the spread at the median code, outer 5 % trimmed (electronicvisions/calix:
 * tests/hw/py/test_neuron_distribution.py).
 */
const YARDSTICK = [
  ["leak", 0.3],
  ["reset", 0.2],
  ["threshold", 0.35],
  ["tauMem", 0.45],
  ["tauSynExc", 0.2],
  ["tauSynInh", 0.2],
] as const;
/** Standard deviation over all channels at one voltage, LSB (same: test_cadc_calibration.py). */
const CADC_SPREAD = 3;

/** Standard deviations of true parameters over living neurons: LSB, and shares of the target. */
const TRUE_SPREAD = [
  ["leak", 1.5],
  ["reset", 1.5],
  ["threshold", 1.5],
  ["tauMem", 0.03],
  ["tauSynExc", 0.04],
  ["tauSynInh", 0.04],
  ["strengthExc", 0.05],
  ["strengthInh", 0.05],
] as const;

/** Words as they are found: the residual scatter of real calibrations is larger than what is tested here. */
const TARGET = { ...DEFAULT_TARGET, residual: 0 };

type Known = (typeof TRUE_SPREAD)[number][0];

interface Calibrated {
  readonly chip: Chip;
  readonly calibration: Calibration;
  /** Values of each parameter at the median code. */
  readonly before: ReadonlyMap<string, Float64Array>;
  readonly truth: TrueNeurons;
  readonly living: readonly number[];
}

async function calibrated(seed: number): Promise<Calibrated> {
  const chip = await openChip({ kind: "simulated", seed });
  let before: Calibrated["before"] = new Map();
  const calibration = await calibrate(chip, TARGET, {
    seeBefore: (values) => {
      before = values;
    },
  });
  const { neurons, quadrants, cadcOffset, refractoryClocks } = calibration.words;
  // Calibrations leave thresholds off: which neurons spike is for the network to say.
  const on = { ...neurons, thresholdOn: neurons.thresholdOn.slice().fill(1) };
  await chip.configure({ neurons: on, quadrants, cadcOffset, refractoryClocks });
  const truth = trueNeurons(chip);
  const living = [...truth.dead.keys()].filter((neuron) => truth.dead[neuron] === 0);
  return { chip, calibration, before, truth, living };
}

/** Distances of true parameters from the target, in LSB or as shares; strengths have their own median as target. */
function trueErrors({ truth, living }: Calibrated, name: Known): number[] {
  const values = living.map((neuron) => truth[name][neuron]!);
  if (name === "strengthExc" || name === "strengthInh") {
    const middle = median(values);
    return values.map((value) => value / middle - 1);
  }
  const goal = TARGET[name];
  return values.map((value) => (name.startsWith("tau") ? value / goal - 1 : value - goal));
}

function ratio(after: ArrayLike<number>, before: ArrayLike<number> | undefined): number {
  return trimmedDeviation(after) / trimmedDeviation(before ?? []);
}

describe.each([1, 2, 3])("chip %i", (seed) => {
  let state: Calibrated;
  beforeAll(async () => {
    state = await calibrated(seed);
  }, 120_000);

  it.each(YARDSTICK)("has less than the accepted share of its spread of %s left", (name, limit) => {
    const { calibration, before } = state;
    expect(ratio(calibration.measured[name], before.get(name))).toBeLessThan(limit);
  });

  it("has converter channels that read alike", () => {
    const cadc = state.calibration.quality.find(({ parameter }) => parameter === "cadc");
    expect(cadc?.after).toBeLessThan(CADC_SPREAD);
    expect(cadc?.before).toBeGreaterThan(CADC_SPREAD);
  });

  it.each(TRUE_SPREAD)("has true values of %s that spread by at most %f", (name, limit) => {
    const errors = trueErrors(state, name);
    // A value that is missing or infinite must not drop out of the spread.
    expect(errors.every(Number.isFinite)).toBe(true);
    expect(deviation(errors)).toBeLessThan(limit);
    // Nor may all neurons be wrong alike.
    expect(Math.abs(median(errors))).toBeLessThan(limit);
  });

  it("has at least 99 % of its living neurons inside every tolerance, by measurement and in truth", () => {
    const { calibration, living } = state;
    const good = new Set(living.filter((neuron) => calibration.success[neuron] === 1));
    expect(good.size).toBeGreaterThanOrEqual(0.99 * living.length);
    for (const [name] of TRUE_SPREAD) {
      const limit = PARAMETERS.find((one) => one.name === name)?.tolerance(1) ?? Number.NaN;
      trueErrors(state, name).forEach((error, index) => {
        if (!(Math.abs(error) <= limit)) good.delete(living[index]!);
      });
    }
    expect(good.size).toBeGreaterThanOrEqual(0.99 * living.length);
  });

  it("names every dead neuron as failed", () => {
    const { calibration, truth } = state;
    for (const [neuron, dead] of truth.dead.entries()) if (dead) expect(calibration.success[neuron]).toBe(0);
  });

  it("holds when it is measured again, and fails the yardstick without its calibration", async () => {
    const { chip, calibration, before } = state;
    const again = await verify(chip, calibration);
    expect(again.holds).toBe(true);
    const without = await verify(chip, withoutCalibration(calibration));
    expect(without.holds).toBe(false);
    for (const [name, limit] of YARDSTICK) {
      expect(ratio(without.measured[name as keyof MeasuredNeurons], before.get(name))).toBeGreaterThan(limit);
    }
    const cadc = without.quality.find(({ parameter }) => parameter === "cadc");
    expect(cadc?.after).toBeGreaterThan(CADC_SPREAD);
  });
});
