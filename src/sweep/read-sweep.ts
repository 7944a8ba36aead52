/**
 * Sweep file → settings and points. A setting is one combination of values; a point is a setting with a seed and a
 * chip, and becomes one run. Every setting is loaded and placed as `train` would do it, so that no sweep fails at its
 * last point for what could be seen before the first. Errors point into the sweep file where the value stands there.
 */

import { dirname, relative, resolve } from "node:path";
import { UserError } from "../core/errors.ts";
import { sha256 } from "../core/sealed-json.ts";
import { experimentDigest } from "../engine/run-identity.ts";
import { readExtended } from "../experiment/extend.ts";
import { type LoadedExperiment, loadExperiment, nameOfFile } from "../experiment/load.ts";
import { experimentYaml } from "../experiment/print.ts";
import { type PlacedProblem, type Problem, problemsError } from "../experiment/problem.ts";
import { readExperimentText } from "../experiment/read-text.ts";
import { resolveConfig } from "../experiment/resolve-config.ts";
import type { Experiment } from "../experiment/schema.ts";
import { experimentPath } from "../experiment/shipped.ts";
import { positionOf } from "../experiment/source.ts";
import { find, type MapNode, type Path, valueMark } from "../experiment/tree.ts";
import { createValidator } from "../experiment/validate.ts";
import { countProblems, listOf, pathProblems } from "./file-checks.ts";
import { AS_SEEDS, type Metric, SWEEP_SCHEMA, type SweepFile } from "./schema.ts";
import { searchedExperimentProblems, searchProblems } from "./search/checks.ts";
import type { NamedOverlay } from "./search/draws.ts";
import { type Rung, rungsOf, type Search } from "./search/schema.ts";
import { joined, searchVariants, shortNames, slug, type Variant, valueText, variantsOf } from "./variants.ts";

export interface Setting {
  /** What tells it from the others: `chip=ideal, estimator=surrogate`. */
  readonly label: string;
  /** Value of each varied path, as text. */
  readonly values: Readonly<Record<string, string>>;
  /** What varies in words: the paths of the grid by their short names, and `list`, whose entries vary as a whole. */
  readonly axes: Readonly<Record<string, string>>;
  /** Name of its folder: the label in letters that every file system takes, and a digest of the experiment. */
  readonly folder: string;
  /** The whole experiment, with the first seed and the first chip. */
  readonly yaml: string;
  readonly experiment: Experiment;
  /** Loads it again with its data, which are not kept for all settings at once. */
  readonly load: () => LoadedExperiment;
  /** Of what decides the results of its runs; files count by their place relative to the sweep file. */
  readonly digest: string;
  readonly chance: Chance;
}

/** What guessing gives: the share of the most frequent class in the test samples, and their number. */
export interface Chance {
  readonly share: number;
  readonly samples: number;
}

export interface Point {
  readonly setting: Setting;
  readonly seed: number;
  /** Seed of the simulated chip; null where there is none. */
  readonly chip: number | null;
  /** Run folder, below the folder of the sweep. */
  readonly folder: string;
}

export interface PlannedSearch {
  readonly kind: Search["kind"];
  readonly rungs: readonly Rung[];
  /** How many of the best settings the test samples are read for. */
  readonly chosen: number;
}

export interface Sweep {
  readonly name: string;
  readonly metric: Metric;
  readonly settings: readonly Setting[];
  readonly points: readonly Point[];
  /** How points are dropped on the way; absent without a search. */
  readonly search?: PlannedSearch;
  readonly warnings: readonly PlacedProblem[];
}

/** @throws UserError with exit code 3 */
export function readSweep(file: string): Sweep {
  const { root: written } = readExtended(experimentPath(file, process.cwd()), file);
  const validate = createValidator(SWEEP_SCHEMA);
  const { root, values } = resolveConfig(written, validate, { name: nameOfFile(file) });
  const { name, base, search, seeds, chips, ...more } = values as unknown as SweepFile;
  const metric = more.metric ?? (search === undefined ? "testAccuracy" : "validationAccuracy");
  const problems = [
    ...pathProblems(root as MapNode),
    ...countProblems(root as MapNode),
    ...(search === undefined ? [] : searchProblems(root as MapNode, search, metric)),
  ];
  if (problems.length > 0) throw problemsError("experiment-schema", problems, root);

  // Before the settings, so that a missing file is reported at the line that names it.
  readExperimentText(base, relative(process.cwd(), base), { where: positionOf(valueMark(root, ["base"])) });
  const firstSeed = listOf(seeds)?.[0];
  const warnings = new Map<string, PlacedProblem>();
  const variants =
    search === undefined ? variantsOf(root as MapNode) : searchVariants(root as MapNode, search);
  if (search !== undefined && variants.length < search.points)
    throw problemsError("experiment-schema", [tooManyPoints(search, variants.length)], root);
  const mistakes: UserError[] = [];
  const settings = variants.flatMap((variant) => {
    try {
      const loaded = loadVariant(base, variant, firstSeed);
      for (const warning of loaded.warnings) warnings.set(JSON.stringify(warning), warning);
      const load = (): LoadedExperiment => loadVariant(base, variant, firstSeed);
      return [settingOf(variant, loaded, load, dirname(resolve(file)))];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      mistakes.push(error);
      return [];
    }
  });
  if (mistakes.length > 0) throw together(mistakes);
  refuseTwins(variants, settings);
  const { experiment } = settings[0]!;
  if (search !== undefined) {
    const unsuitable = searchedExperimentProblems(search, experiment);
    if (unsuitable.length > 0) throw problemsError("experiment-schema", unsuitable, root);
  }
  const points = settings.flatMap((setting) =>
    pointsOf(setting, listOf(seeds), chips === AS_SEEDS ? chips : listOf(chips)),
  );
  const read = { name, metric, settings, points, warnings: [...warnings.values()] };
  if (search === undefined) return read;
  const rungs = rungsOf(search, experiment.training.epochs);
  return { ...read, search: { kind: search.kind, rungs, chosen: search.chosen } };
}

/** Whether a file is a sweep: it has a base, and is no experiment. @throws UserError when it cannot be read */
export function isSweepFile(file: string): boolean {
  const { entries } = readExtended(experimentPath(file, process.cwd()), file).root;
  return entries.has("base") && !entries.has("network");
}

/** The name of the sweep that a file describes; the rest of the file is not checked. */
export function sweepName(file: string): string {
  const name = find(readExtended(experimentPath(file, process.cwd()), file).root, ["name"])?.node;
  return name?.kind === "scalar" && typeof name.value === "string" ? name.value : nameOfFile(file);
}

/** The experiment of a point: its setting with the point's seed and chip. */
export function experimentOf({ setting, seed, chip }: Pick<Point, "setting" | "seed" | "chip">): Experiment {
  const { experiment } = setting;
  return chip === null || experiment.chip.kind !== "simulated"
    ? { ...experiment, seed }
    : { ...experiment, seed, chip: { ...experiment.chip, seed: chip } };
}

function tooManyPoints({ points }: Search, different: number): Problem {
  return {
    path: ["search", "points"],
    at: "value",
    message: `the ranges have only ${different} different points, not ${points}`,
  };
}

function loadVariant(
  base: string,
  { own, fromGrid, unnamed }: Variant,
  seed: number | undefined,
): LoadedExperiment {
  const loaded = loadExperiment(base, {
    overlays: [...own, ...fromGrid, ...unnamed],
    ...(seed === undefined ? {} : { seed }),
  });
  return loaded;
}

/** Longer lists of problems are cut: a reader does not read more at once. */
const MOST_SHOWN = 5;

/** One error for the mistakes of all settings; a value that is wrong in several settings is reported once. */
function together(mistakes: readonly UserError[]): UserError {
  const told = new Map<string, UserError>();
  for (const mistake of mistakes.flatMap((error) => [error, ...error.also])) {
    const { message, where } = mistake;
    const key = JSON.stringify([message, where?.file, where?.line, where?.column]);
    if (!told.has(key)) told.set(key, mistake);
  }
  const all = [...told.values()];
  const [first, ...also] = all.slice(0, MOST_SHOWN);
  const { code, message, hint, where } = first as UserError;
  if (all.length > MOST_SHOWN) also.push(new UserError(code, `and ${all.length - MOST_SHOWN} more`));
  return new UserError(code, message, {
    also,
    ...(hint === undefined ? {} : { hint }),
    ...(where === undefined ? {} : { where }),
  });
}

function settingOf(
  variant: Variant,
  loaded: LoadedExperiment,
  load: Setting["load"],
  sweepPlace: string,
): Setting {
  const { name, own, fromGrid } = variant;
  const overlays = [...own, ...fromGrid];
  const short = shortNames(overlays.map(({ text }) => text));
  const parts = (some: readonly NamedOverlay[]): [string, string][] =>
    some.map(({ text, value }) => [short.get(text) as string, valueText(value)]);
  const ownText = name ?? joined(parts(own));
  const { experiment } = loaded;
  const named = loaded.files.map((path) => relative(sweepPlace, String(valueAt(loaded.experiment, path))));
  const digest = sha256(JSON.stringify([experimentDigest(experiment, loaded.files), named]));
  const axes = { ...(own.length === 0 ? {} : { list: ownText }), ...Object.fromEntries(parts(fromGrid)) };
  const label =
    [ownText, joined(parts(fromGrid))].filter((part) => part !== "").join(", ") || experiment.name;
  return {
    label,
    values: Object.fromEntries(overlays.map(({ text, value }) => [text, valueText(value)])),
    axes,
    folder: `${slug(label)}-${digest.slice(0, 8)}`,
    yaml: experimentYaml(loaded),
    experiment,
    load,
    digest,
    chance: chanceOf(loaded),
  };
}

function valueAt(experiment: Experiment, path: Path): unknown {
  return path.reduce((value: unknown, part) => (value as Record<string | number, unknown>)[part], experiment);
}

export function chanceOf({ components }: LoadedExperiment): Chance {
  const { labels, classes, size } = components.data.test;
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label] = counts[label]! + 1;
  return { share: size === 0 ? 1 / classes : Math.max(...counts) / size, samples: size };
}

/** Two settings that are one experiment would be run twice and compared with themselves. */
function refuseTwins(variants: readonly Variant[], settings: readonly Setting[]): void {
  const seen = new Map<string, Setting>();
  settings.forEach((setting, i) => {
    const twin = seen.get(setting.digest);
    seen.set(setting.digest, setting);
    if (twin === undefined) return;
    const { own, fromGrid } = variants[i]!;
    const last = [...own, ...fromGrid].at(-1);
    throw new UserError(
      "experiment-schema",
      `the settings \`${twin.label}\` and \`${setting.label}\` are the same experiment`,
      {
        hint: "a value that is the base's own is written once",
        ...(last === undefined ? {} : { where: positionOf(last.path) }),
      },
    );
  });
}

function pointsOf(
  setting: Setting,
  seeds: readonly number[] | undefined,
  chips: readonly number[] | typeof AS_SEEDS | undefined,
): Point[] {
  const { experiment } = setting;
  const runSeeds = seeds ?? [experiment.seed];
  const point = (chip: number | null, seed: number): Point => ({
    setting,
    seed,
    chip,
    folder: `${setting.folder}/${chip === null ? "" : `chip-${chip}-`}seed-${seed}`,
  });
  if (experiment.chip.kind !== "simulated") return runSeeds.map((seed) => point(null, seed));
  if (chips === AS_SEEDS) return runSeeds.map((seed) => point(seed, seed));
  return (chips ?? [experiment.chip.seed]).flatMap((chip) => runSeeds.map((seed) => point(chip, seed)));
}
