/** One row per run, from the run folders: of a sweep, or of any runs. */

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "../core/errors.ts";
import { type MetricsRow, readMetrics } from "../engine/metrics.ts";
import { readProvenance } from "../engine/provenance.ts";
import { RUN_FILES } from "../engine/run-folder.ts";
import { loadExperiment } from "../experiment/load.ts";
import { type Chance, chanceOf } from "./read-sweep.ts";
import { type RunState, runRecord } from "./run-state.ts";
import type { Metric } from "./schema.ts";
import { testOf } from "./search/chosen.ts";
import type { SweepPlan } from "./sweep-folder.ts";
import { shortNames } from "./variants.ts";

export interface RunRow {
  /** Place of its setting in `RunTable.settings`. */
  readonly setting: number;
  readonly seed: number;
  /** null without a simulated chip. */
  readonly chip: number | null;
  readonly state: RunState;
  /** finished, diverged, failed, interrupted; null when nothing ended yet. */
  readonly outcome: string | null;
  readonly metrics: Readonly<Record<Metric, number | null>>;
  readonly epochs: number | null;
  /** Epoch whose weights were kept, where the run keeps the best; the validation numbers are then of that epoch. */
  readonly bestEpoch: number | null;
  readonly spikesPerSample: number | null;
  readonly silentNeurons: number | null;
  /** Finished, but no better than guessing. */
  readonly collapsed: boolean;
  /** Hashes of the programs that worked on it, shortened; none when the run did not get so far. */
  readonly programs: readonly string[];
  readonly folder: string;
}

export interface RunTable {
  readonly settings: readonly {
    readonly label: string;
    /** Value of each varied path, as text. */
    readonly values: Readonly<Record<string, string>>;
    /** What varies, by the names that the label has. */
    readonly axes: Readonly<Record<string, string>>;
  }[];
  readonly rows: readonly RunRow[];
}

/** The runs of a plan; those that it no longer contains are left out. Folders are given below the sweep's. */
export function sweepTable(sweepFolder: string, plan: SweepPlan): RunTable {
  const planned = plan.points.filter((point) => point.planned);
  const rows = planned.map(({ setting, seed, chip, folder }) => {
    const { chance } = plan.settings[setting]!;
    return rowOf({ setting, seed, chip, folder }, join(sweepFolder, folder), chance);
  });
  return withoutUnused({ settings: plan.settings, rows });
}

/** Keys of an experiment that are no part of a setting. */
const REPEATED: ReadonlySet<string> = new Set(["name", "seed", "chip.seed", "training.workers"]);
const isRepeated = (key: string): boolean => REPEATED.has(key) || key.startsWith("training.log.");

/**
 * Runs anywhere, in settings that are told by what differs between their experiments.
 * @throws UserError when a folder is not a run
 */
export function runsTable(folders: readonly string[]): RunTable {
  const runs = folders.map((folder) => {
    const config = join(folder, RUN_FILES.config);
    if (!existsSync(config))
      throw new UserError("file", `${folder} is not a run folder: it has no ${RUN_FILES.config}`, {
        hint: "name run folders, or one sweep",
      });
    const loaded = loadExperiment(config);
    const { experiment } = loaded;
    const values = new Map<string, string>();
    flatten(loaded.resolved, "", values);
    return {
      folder,
      seed: experiment.seed,
      chip: experiment.chip.kind === "simulated" ? experiment.chip.seed : null,
      chance: chanceOf(loaded),
      values,
    };
  });
  refuseSameFolder(folders);
  const keys = [...new Set(runs.flatMap(({ values }) => [...values.keys()]))];
  const all = runs.map(({ values }) => values);
  const differing = keys.filter(
    (key) => !isRepeated(key) && new Set(all.map((values) => values.get(key))).size > 1,
  );
  const telling = differing.filter((key) => !followsFromKind(key, differing, all));
  const short = shortNames(telling);
  const settings: RunTable["settings"][number][] = [];
  const places = new Map<string, number>();
  const rows = runs.map(({ folder, seed, chip, chance, values }) => {
    const own = Object.fromEntries(telling.map((key) => [key, values.get(key) ?? "-"]));
    const id = JSON.stringify(own);
    let setting = places.get(id);
    if (setting === undefined) {
      setting = settings.length;
      places.set(id, setting);
      const axes = Object.fromEntries(telling.map((key) => [short.get(key) as string, own[key] as string]));
      const label = Object.entries(axes).map(([name, value]) => `${name}=${value}`);
      settings.push({ label: label.join(", ") || "all runs", values: own, axes });
    }
    return rowOf({ setting, seed, chip, folder }, folder, chance);
  });
  return { settings, rows };
}

/** Whether a value differs only because the `kind` beside it does: the options of another kind tell nothing more. */
function followsFromKind(
  key: string,
  differing: readonly string[],
  runs: readonly ReadonlyMap<string, string>[],
): boolean {
  const kind = `${key.slice(0, Math.max(0, key.lastIndexOf(".")))}.kind`;
  if (kind === key || !differing.includes(kind)) return false;
  const valueOfKind = new Map(runs.map((values) => [values.get(kind), values.get(key)]));
  return runs.every((values) => valueOfKind.get(values.get(kind)) === values.get(key));
}

/** The same run twice would count as two. */
function refuseSameFolder(folders: readonly string[]): void {
  const seen = new Set<string>();
  for (const folder of folders) {
    if (seen.has(resolve(folder))) throw new UserError("usage", `${folder} is named twice`);
    seen.add(resolve(folder));
  }
}

function rowOf(
  row: Pick<RunRow, "setting" | "seed" | "chip" | "folder">,
  path: string,
  chance: Chance,
): RunRow {
  const { state, outcome, result } = runRecord(path);
  const rows = rowsOf(path);
  const last = (split: string): MetricsRow | undefined => rows.findLast((one) => one.split === split);
  const bestEpoch = result?.bestEpoch ?? null;
  const validation =
    bestEpoch === null
      ? last("validation")
      : rows.find(({ split, epoch }) => split === "validation" && epoch === bestEpoch);
  const done = state === "done";
  // Of a search the test samples are read afterwards, for the chosen points.
  const later = done && result?.testAccuracy == null ? testOf(path) : undefined;
  const testAccuracy = done ? (result?.testAccuracy ?? later?.accuracy ?? null) : null;
  const activity = last("test") ?? last("validation");
  return {
    ...row,
    state,
    outcome,
    metrics: {
      testAccuracy,
      testLoss: done ? (result?.testLoss ?? later?.loss ?? null) : null,
      validationAccuracy: done ? (validation?.accuracy ?? null) : null,
      validationLoss: done ? (validation?.loss ?? null) : null,
    },
    epochs: result?.epochs ?? null,
    bestEpoch,
    spikesPerSample: activity?.spikes_per_sample ?? null,
    silentNeurons: activity?.silent_neurons ?? null,
    collapsed: testAccuracy !== null && isGuessing(testAccuracy, chance),
    programs: programsOf(path),
  };
}

/** None when the run wrote no metrics. */
function rowsOf(folder: string): MetricsRow[] {
  const path = join(folder, RUN_FILES.metrics);
  return existsSync(path) ? readMetrics(path) : [];
}

function programsOf(folder: string): string[] {
  if (!existsSync(join(folder, RUN_FILES.provenance))) return [];
  const first = readProvenance(folder);
  const calls = [first, ...first.resumed];
  return [...new Set(calls.map(({ version, programHash }) => `${version} (${programHash.slice(0, 8)})`))];
}

/** What a user should know before comparing these runs, one sentence each. */
export function concerns({ rows }: RunTable, metric: Metric): string[] {
  const programs = [...new Set(rows.flatMap((row) => row.programs))].sort();
  const without = rows.filter(({ state, metrics }) => state === "done" && metrics[metric] === null).length;
  return [
    ...(programs.length < 2
      ? []
      : [`the runs come from different versions of this program: ${programs.join(", ")}`]),
    ...(without === 0 ? [] : [`${without} finished runs have no ${metric} and count in no number`]),
  ];
}

/** Standard errors of a guess within which an accuracy counts as guessing. */
const GUESS_ERRORS = 2;

function isGuessing(accuracy: number, { share, samples }: Chance): boolean {
  return accuracy <= share + GUESS_ERRORS * Math.sqrt((share * (1 - share)) / samples);
}

function flatten(value: unknown, path: string, into: Map<string, string>): void {
  if (value !== null && typeof value === "object") {
    for (const [key, inner] of Object.entries(value))
      flatten(inner, path === "" ? key : `${path}.${key}`, into);
  } else into.set(path, String(value));
}

/** Settings without a row are dropped, and the places of the others move up. */
function withoutUnused({ settings, rows }: RunTable): RunTable {
  const used = settings.map((_, i) => i).filter((i) => rows.some(({ setting }) => setting === i));
  const places = new Map(used.map((old, place) => [old, place]));
  return {
    settings: used.map((i) => settings[i]!),
    rows: rows.map((row) => ({ ...row, setting: places.get(row.setting)! })),
  };
}
