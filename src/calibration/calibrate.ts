/**
 * A full calibration: all steps in order, the scatter that a real calibration leaves, then the final measurement. It
 * reaches the chip only through the `Chip` interface.
 */

import { CADC_SRAM_PERIOD_US, CAPMEM_MAX } from "../chip/limits.ts";
import type { Chip, NeuronWords } from "../chip/types.ts";
import { type Report, silent } from "../core/progress.ts";
import { stream } from "../core/random.ts";
import {
  converterQuality,
  converterSpreadUncorrected,
  emptyMeasurements,
  measureAtMedianCode,
  measureNeurons,
  medianStrength,
  neuronQuality,
  onBound,
  successOf,
} from "./measurement.ts";
import { PARAMETERS } from "./parameters/index.ts";
import type { CalibrationStep, StepResult } from "./parameters/parameter.ts";
import { clamp } from "./search.ts";
import { type CalibrationSession, openSession } from "./session.ts";
import { trimmedDeviation } from "./spread.ts";
import { STEPS } from "./steps/index.ts";
import { softwareVersion } from "./store.ts";
import { FORMAT } from "./store-format.ts";
import { checkTarget } from "./target.ts";
import type { Calibration, CalibrationTarget, MeasuredNeurons } from "./types.ts";
import { checkHope } from "./usable.ts";
import { copyCalibrated } from "./words.ts";

export interface CalibrateOptions {
  readonly report?: Report;
  /** Sees, per parameter, the values of all neurons at the median code: the state before, for figures. */
  readonly seeBefore?: (values: ReadonlyMap<string, Float64Array>) => void;
}

/** Steps, final measurements and measurements at the median code, for progress. */
const TOTAL =
  STEPS.length + 2 * PARAMETERS.length - PARAMETERS.filter(({ register }) => register === undefined).length;

/**
 * Calibrates `chip` for `target` and leaves it with the words of the last measurement.
 * @throws UserError("experiment-physics") when the target is impossible
 * @throws UserError("calibration") when a step fails for nearly all neurons, so that the others would be in vain
 */
export async function calibrate(
  chip: Chip,
  target: CalibrationTarget,
  { report = silent, seeBefore = () => {} }: CalibrateOptions = {},
): Promise<Calibration> {
  for (const { message } of checkTarget(target)) report({ kind: "warning", message });
  report({ kind: "phase", name: "calibrate", detail: `${chip.info.id}, ${STEPS.length} steps` });
  const session = openSession(chip, target);
  let done = 0;
  const advance = (name: string, figures: Readonly<Record<string, number>> = {}): void => {
    report({ kind: "step", unit: "calibration step", done: ++done, total: TOTAL, name, figures });
  };
  const context = { session, measured: emptyMeasurements() };
  for (const step of STEPS) {
    const figures = figuresOf(step, await step.run(context));
    advance(step.name, figures);
    checkHope(chip.info.id, step.name, figures["failed"]!);
  }
  const bounded = onBound(session.words.neurons);
  if (target.residual > 0 && (await session.hasNoise())) {
    addResidual(session.words.neurons, chip.info.id, target.residual);
  }
  const measured = await measureNeurons(session, (name) => advance(`${name}, final`));
  const before = await measureAtMedianCode(session, measured, (name) => advance(`${name} at median code`));
  seeBefore(before);
  return conclude(chip, session, measured, before, bounded);
}

async function conclude(
  chip: Chip,
  session: CalibrationSession,
  measured: MeasuredNeurons,
  before: ReadonlyMap<string, Float64Array>,
  bounded: Uint8Array,
): Promise<Calibration> {
  const { target } = session;
  const spreads = new Map([...before].map(([name, values]) => [name, trimmedDeviation(values)]));
  const strength = medianStrength(measured);
  const converters = await converterQuality(session, await converterSpreadUncorrected(session));
  const quality = [converters, ...neuronQuality(target, measured, strength, spreads)];
  return {
    format: FORMAT,
    software: softwareVersion(),
    chip: chip.info.id,
    target,
    words: copyCalibrated(session.words),
    measured,
    success: successOf(quality, bounded),
    strength,
    spikeLatency: Number(session.timing.spikeLatency.toFixed(4)),
    cadcLag: Number((session.timing.cadcLagPeriods * CADC_SRAM_PERIOD_US).toFixed(4)),
    quality,
  };
}

function figuresOf(step: CalibrationStep, { target, before, after }: StepResult): Record<string, number> {
  const limit = step.unit === "relative" ? step.tolerance * Math.abs(target) : step.tolerance;
  const failed = after.reduce((count, value) => count + (Math.abs(value - target) <= limit ? 0 : 1), 0);
  return { before: trimmedDeviation(before), after: trimmedDeviation(after), failed };
}

// The scatter that a real calibration leaves ----------------------------------------------------------------

// What a real calibration leaves: its searches end on codes that noise chose, so that neurons scatter around the target
// by more than the searches of this program leave. A target asks for that scatter as a factor on the published spreads
// (`residual`), which is then put into the words that were found, so that a network meets neurons as unequal as those of
// the real chip. Chips without noise keep exact words.
//
// Spreads: the accepted ratios of electronicvisions/calix:tests/hw/py/test_neuron_distribution.py times the spread
// before calibration bound them from above (leak 3.9, reset 2.9, threshold 2.6 LSB, time constants 4.4 and 5.5 %);
// JulianGoeltz/fastAndDeep:experiment_configs/yin_yang_hwAware.yaml assumes 2.2 LSB of threshold; eight neurons of
// electronicvisions/brainscales2-demos:ts_06 rest within ± 6.7 MADC LSB, and their amplitudes lie within 3 % or so.

/** Scatters the words in place; codes stay off the bounds. @param chip names the draws @param factor on all spreads */
function addResidual(words: NeuronWords, chip: string, factor: number): void {
  for (const { register, residual } of PARAMETERS) {
    if (register === undefined || residual === undefined) continue;
    const draws = stream(0, `calibration/residual/${chip}/${register}`);
    const codes = words[register];
    for (let neuron = 0; neuron < codes.length; neuron++) {
      const code = codes[neuron]!;
      const moved = Math.round(code + residual.codes(code, factor * draws.normal()));
      if (code > 0 && code < CAPMEM_MAX) codes[neuron] = clamp(moved, 1, CAPMEM_MAX - 1);
    }
  }
}
