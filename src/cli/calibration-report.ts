/** A calibration for people: the quality table and the figure of distributions. */

import type { Calibration, MeasuredNeurons, ParameterQuality } from "../calibration/types.ts";
import { writeAtomic } from "../core/durable-files.ts";
import { distributions } from "../figures/distributions.ts";
import { shortNumber } from "./progress.ts";
import { table } from "./terminal.ts";

/** Failed neurons that are named in a row; the rest is counted. */
const NAMED = 6;

/** One line per parameter: target, spread before and after, worst neuron, failed neurons. */
export function qualityLines(quality: readonly ParameterQuality[]): string[] {
  const header = ["parameter", "unit", "target", "before", "after", "worst neuron", "error", "failed"];
  const rows = quality.map((one) => [
    one.parameter,
    one.unit,
    shortNumber(one.target),
    Number.isNaN(one.before) ? "-" : shortNumber(one.before),
    shortNumber(one.after),
    String(one.worst),
    shortNumber(one.worstError),
    namedNeurons(one.failed),
  ]);
  return table([header, ...rows], [2, 3, 4, 5, 6]);
}

function namedNeurons(neurons: readonly number[]): string {
  if (neurons.length === 0) return "-";
  const named = neurons.slice(0, NAMED).join(" ");
  return neurons.length > NAMED ? `${named} and ${neurons.length - NAMED} more` : named;
}

export function figurePath(path: string): string {
  return `${path.replace(/\.json$/, "")}.svg`;
}

/**
 * Draws the distributions over neurons before and after, beside the calibration file.
 *
 * @param before values at the median code, by parameter
 * @throws UserError("file")
 */
export async function drawCalibration(
  path: string,
  { chip, quality, measured }: Calibration,
  before: ReadonlyMap<string, Float64Array>,
): Promise<void> {
  const panels = quality.flatMap(({ parameter, unit, target }) => {
    const values = before.get(parameter);
    if (values === undefined) return [];
    return [{ parameter, unit, target, before: values, after: measured[parameter as keyof MeasuredNeurons] }];
  });
  const note = "one value per neuron, as measured";
  writeAtomic(figurePath(path), await distributions(`Calibration of ${chip}`, note, panels));
}
