/**
 * From the rows of runs to what can be said about settings: how each one spreads, and whether two of them differ.
 *
 * Seeds and chips are two sources of spread and stay apart: a chip's row is over its seeds; the row over chips is over
 * the chips' means. Two settings are compared where their conditions are the same, pair by pair.
 */

import { comparePairs, holm, type PairedComparison } from "../statistics/paired.ts";
import { type Summary, summaryOf } from "../statistics/spread.ts";
import type { RunRow, RunTable } from "./results.ts";
import type { Metric } from "./schema.ts";

export interface SettingSummary {
  readonly setting: string;
  /** What the values are spread over: the seeds of one chip (or of no chip), or the means of several chips. */
  readonly over: "seeds" | "chips";
  /** The chip whose seeds these are; null over chips, and without a chip. */
  readonly chip: number | null;
  /** null when no run has finished. */
  readonly summary: Summary | null;
  /** Runs that ended by an error or diverged, that have not finished, and that finished at the level of guessing. */
  readonly failed: number;
  readonly unfinished: number;
  readonly collapsed: number;
}

export interface SettingComparison extends PairedComparison {
  /** The axis in which the two differ, and what they share; null where they differ in more than one. */
  readonly axis: {
    readonly name: string;
    readonly first: string;
    readonly second: string;
    readonly at: string;
  } | null;
  readonly first: string;
  readonly second: string;
  /** A pair is one (seed, chip), or one seed where only one of the two runs on chips: the other's mean over its chips. */
  readonly pairedBy: "seed and chip" | "seed";
  /** One per pair. */
  readonly differences: readonly number[];
  /** p after Holm's correction over all comparisons of the table; null with too few pairs. */
  readonly holm: number | null;
}

export interface Comparison {
  readonly metric: Metric;
  readonly summaries: readonly SettingSummary[];
  /** Second minus first. */
  readonly comparisons: readonly SettingComparison[];
}

export function compareRuns(table: RunTable, metric: Metric): Comparison {
  const groups = table.settings.map(({ label, axes }, i) => ({
    label,
    axes,
    // In one order, so that sums are the same to the last bit however the runs are listed.
    rows: table.rows.filter(({ setting }) => setting === i).sort(byCondition),
  }));
  const pairs = groups.flatMap((first, i) => groups.slice(i + 1).map((second) => [first, second] as const));
  const close = pairs.filter(([first, second]) => axisBetween(first, second) !== null);
  // Of a grid, only neighbors along one axis: what differs in two ways at once has no single reason.
  const comparisons = (close.length > 0 ? close : pairs).flatMap(([first, second]) =>
    compareSettings(first, second, metric),
  );
  const corrected = holm(comparisons.map(({ p }) => p));
  return {
    metric,
    summaries: groups.flatMap(({ label, rows }) => summariesOf(label, rows, metric)),
    comparisons: comparisons.map((one, i) => ({ ...one, holm: corrected[i]! })),
  };
}

/** `estimator: surrogate − eventprop, chip=ideal` */
export function differenceName({
  axis,
  first,
  second,
}: Pick<SettingComparison, "axis" | "first" | "second">): string {
  if (axis === null) return `${second} − ${first}`;
  return `${axis.name}: ${axis.second} − ${axis.first}${axis.at === "" ? "" : `, ${axis.at}`}`;
}

function byCondition(a: RunRow, b: RunRow): number {
  return (a.chip ?? -1) - (b.chip ?? -1) || a.seed - b.seed;
}

function summariesOf(setting: string, rows: readonly RunRow[], metric: Metric): SettingSummary[] {
  const chips = [...new Set(rows.map(({ chip }) => chip))];
  const bySeed = chips.map((chip) => {
    const own = rows.filter((row) => row.chip === chip);
    return {
      setting,
      over: "seeds",
      chip,
      summary: summaryOf(valuesOf(own, metric)),
      ...countsOf(own),
    } as const;
  });
  if (chips.length < 2) return bySeed;
  const means = bySeed.flatMap(({ summary }) => (summary === null ? [] : [summary.mean]));
  return [...bySeed, { setting, over: "chips", chip: null, summary: summaryOf(means), ...countsOf(rows) }];
}

function valuesOf(rows: readonly RunRow[], metric: Metric): number[] {
  return rows.flatMap(({ metrics }) => metrics[metric] ?? []);
}

function countsOf(rows: readonly RunRow[]): Pick<SettingSummary, "failed" | "unfinished" | "collapsed"> {
  return {
    failed: rows.filter(({ state }) => state === "failed").length,
    unfinished: rows.filter(({ state }) => state !== "failed" && state !== "done").length,
    collapsed: rows.filter(({ collapsed }) => collapsed).length,
  };
}

interface Group {
  readonly label: string;
  readonly axes: Readonly<Record<string, string>>;
  readonly rows: readonly RunRow[];
}

function axisBetween(first: Group, second: Group): SettingComparison["axis"] {
  const names = [...new Set([...Object.keys(first.axes), ...Object.keys(second.axes)])];
  const [name, ...others] = names.filter((each) => first.axes[each] !== second.axes[each]);
  if (name === undefined || others.length > 0) return null;
  const shared = names.filter((each) => each !== name).map((each) => `${each}=${first.axes[each]}`);
  return { name, first: first.axes[name] ?? "-", second: second.axes[name] ?? "-", at: shared.join(", ") };
}

/** None when no condition is shared. */
function compareSettings(first: Group, second: Group, metric: Metric): Omit<SettingComparison, "holm">[] {
  const onChips = (group: Group): boolean => group.rows.some(({ chip }) => chip !== null);
  const pairedBy = onChips(first) === onChips(second) ? "seed and chip" : "seed";
  const [a, b] = [first, second].map(({ rows }) => meansByCondition(rows, metric, pairedBy));
  const differences = [...a!].flatMap(([condition, value]) => {
    const other = b!.get(condition);
    return other === undefined ? [] : [other - value];
  });
  if (differences.length === 0) return [];
  const axis = axisBetween(first, second);
  return [
    { first: first.label, second: second.label, axis, pairedBy, differences, ...comparePairs(differences) },
  ];
}

function meansByCondition(
  rows: readonly RunRow[],
  metric: Metric,
  pairedBy: SettingComparison["pairedBy"],
): ReadonlyMap<string, number> {
  const values = new Map<string, number[]>();
  for (const { seed, chip, metrics } of rows) {
    const value = metrics[metric];
    if (value === null) continue;
    const condition = pairedBy === "seed" ? String(seed) : `${seed} ${chip}`;
    values.set(condition, [...(values.get(condition) ?? []), value]);
  }
  return new Map(
    [...values].map(([condition, all]) => [condition, all.reduce((x, y) => x + y) / all.length]),
  );
}

/** A pair of runs with the same seed, chip and setting would be one measurement counted twice. */
export function repeatedConditions({ settings, rows }: RunTable): string[] {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const { setting, seed, chip } of rows) {
    const name = `${settings[setting]!.label}, seed ${seed}${chip === null ? "" : `, chip ${chip}`}`;
    if (seen.has(name)) repeated.add(name);
    seen.add(name);
  }
  return [...repeated];
}
