/**
 * The final measurement: every parameter on all neurons with the final words, independent of what the searches saw,
 * and the spread that each would have if all neurons had the median code (the yardstick of
 * electronicvisions/calix:tests/hw/py/test_neuron_distribution.py).
 */

import { CADC_CHANNELS, CAPMEM_MAX, NEURONS } from "../chip/limits.ts";
import type { NeuronWords } from "../chip/types.ts";
import { PARAMETERS } from "./parameters/index.ts";
import type { CalibrationSession } from "./session.ts";
import { deviation, median, trimmedDeviation } from "./spread.ts";
import { readReference } from "./steps/cadc.ts";
import type { CalibrationTarget, MeasuredNeurons, ParameterQuality } from "./types.ts";

/** Reference in the middle of the converter's range, its nominal read, and the accepted distance of a channel. */
const REFERENCE = { code: 310, read: 120, tolerance: 3 };
/** Digits that are kept of measured values: noise is larger, and files stay small. */
const DIGITS = 5;

/** Deviations of the residual that come on top of a tolerance. */
const ALLOWED = 3;

type Writable = { -readonly [Name in keyof MeasuredNeurons]: Float64Array };

export function emptyMeasurements(): Writable {
  const unknown = (): Float64Array => new Float64Array(NEURONS).fill(Number.NaN);
  return Object.fromEntries(PARAMETERS.map(({ name }) => [name, unknown()])) as unknown as Writable;
}

/** Measures every parameter; infinities (nothing seen) become NaN. @param report called after each */
export async function measureNeurons(
  session: CalibrationSession,
  report: (name: string) => void,
): Promise<MeasuredNeurons> {
  const measured = emptyMeasurements();
  for (const parameter of PARAMETERS) {
    const values = await parameter.measure(session, {}, measured);
    measured[parameter.name] = values.map((value) =>
      Number.isFinite(value) ? Number(value.toPrecision(DIGITS)) : Number.NaN,
    );
    report(parameter.name);
  }
  return measured;
}

/** Values of each parameter when its word is the median code on all neurons; parameters without a register are absent. */
export async function measureAtMedianCode(
  session: CalibrationSession,
  measured: MeasuredNeurons,
  report: (name: string) => void,
): Promise<ReadonlyMap<string, Float64Array>> {
  const values = new Map<string, Float64Array>();
  for (const { name, register, measure } of PARAMETERS) {
    if (register === undefined) continue;
    const code = Math.round(median(session.words.neurons[register]));
    values.set(name, await measure(session, { [register]: code }, measured));
    report(name);
  }
  return values;
}

/** Median over neurons of both signs: what one weight unit does on the typical neuron, LSB/µs. */
export function medianStrength({ strengthExc, strengthInh }: MeasuredNeurons): number {
  return Number(((median(strengthExc) + median(strengthInh)) / 2).toPrecision(DIGITS));
}

/** One row per parameter. @param before spreads by parameter name */
export function neuronQuality(
  target: CalibrationTarget,
  measured: MeasuredNeurons,
  strength: number,
  before: ReadonlyMap<string, number>,
): ParameterQuality[] {
  return PARAMETERS.map((parameter) => {
    const { name, unit } = parameter;
    const goal = parameter.goal(target, strength);
    const residual = parameter.residual?.spread(goal) ?? 0;
    const tolerance = parameter.tolerance(goal) + ALLOWED * target.residual * residual;
    const values = measured[name];
    return {
      parameter: name,
      unit,
      target: goal,
      tolerance: short(tolerance),
      before: short(before.get(name) ?? Number.NaN),
      after: short(trimmedDeviation(values)),
      ...worstOf(values, goal, tolerance),
    };
  });
}

/** The converters as one more row: spread over all channels at one reference voltage. */
export async function converterQuality(
  session: CalibrationSession,
  before: number,
): Promise<ParameterQuality> {
  const read = await readReference(session, REFERENCE.code);
  const farther = Float64Array.from({ length: NEURONS }, (_, neuron) => {
    const pair = [read[2 * neuron]!, read[2 * neuron + 1]!];
    return pair.reduce((a, b) => (Math.abs(a - REFERENCE.read) >= Math.abs(b - REFERENCE.read) ? a : b));
  });
  return {
    parameter: "cadc",
    unit: "LSB",
    target: REFERENCE.read,
    tolerance: REFERENCE.tolerance,
    before: short(before),
    after: short(deviation(read)),
    ...worstOf(farther, REFERENCE.read, REFERENCE.tolerance),
  };
}

/** Spread over the channels with all digital offsets at 0. */
export async function converterSpreadUncorrected(session: CalibrationSession): Promise<number> {
  const { cadcOffset } = session.words;
  const own = cadcOffset.slice();
  cadcOffset.fill(0);
  const read = await readReference(session, REFERENCE.code);
  cadcOffset.set(own);
  return read.length === CADC_CHANNELS ? deviation(read) : Number.NaN;
}

/** Registers that a calibration searches in their whole range. */
const SEARCHED: readonly (keyof NeuronWords)[] = [
  ...PARAMETERS.flatMap(({ register }) => register ?? []),
  "synExcShift",
  "synInhShift",
];

/** 1 where a word that was searched ended at a bound of its range: its target lies outside. */
export function onBound(words: NeuronWords): Uint8Array {
  const bounded = new Uint8Array(NEURONS);
  for (const name of SEARCHED) {
    words[name].forEach((code, neuron) => {
      if (code <= 0 || code >= CAPMEM_MAX) bounded[neuron] = 1;
    });
  }
  return bounded;
}

/** 1 where a neuron is within tolerance in all rows and has no word on a bound. */
export function successOf(quality: readonly ParameterQuality[], bounded: Uint8Array): Uint8Array {
  const success = bounded.map((flag) => 1 - flag);
  for (const { failed } of quality) for (const neuron of failed) success[neuron] = 0;
  return success;
}

/** The neuron farthest from the target among those that answered at all; those outside the tolerance or silent. */
function worstOf(values: Float64Array, target: number, tolerance: number) {
  let worst = 0;
  let worstError = 0;
  const failed: number[] = [];
  values.forEach((value, neuron) => {
    const error = Math.abs(value - target);
    if (!(error <= tolerance)) failed.push(neuron);
    if (error > worstError) {
      worst = neuron;
      worstError = error;
    }
  });
  return { worst, worstError: short(worstError), failed };
}

function short(value: number): number {
  return Number(value.toPrecision(4));
}
