/** Words and numbers of comparisons, the same on the terminal and in reports. */

import type { SettingSummary } from "./compare.ts";
import { isAccuracy, type Metric } from "./schema.ts";

/** Three significant digits; accuracies in percent with two decimals; `-` for a number that there is not. */
export function numberText(value: number | null, metric?: Metric): string {
  if (value === null) return "-";
  if (metric !== undefined && isAccuracy(metric)) return (100 * value).toFixed(2);
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return String(value);
  if (!Number.isFinite(value) || size >= 1e6 || (size > 0 && size < 1e-4)) return value.toExponential(2);
  return value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(size || 1))));
}

/** What the values of a summary are spread over. */
export function overText({ over, chip }: Pick<SettingSummary, "over" | "chip">): string {
  if (over === "chips") return "chips (means)";
  return chip === null ? "seeds" : `seeds, chip ${chip}`;
}

export const COLUMN_HELP = {
  summary:
    "Spreads are over the seeds of one chip; over chips, of the chips' means. Accuracies in percent. Collapsed: finished, but at most two standard errors above the most frequent class.",
  comparison:
    "Second minus first, under the same conditions. Interval: studentized bootstrap. p: two-sided sign-flip test. Holm: corrected for the number of comparisons. Neither below five pairs.",
} as const;
