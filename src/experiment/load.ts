/**
 * Experiment file → frozen Experiment. First station of everything: read, `extends`, `--set`, defaults, schema,
 * units, physics. Whatever is wrong is thrown as a UserError that points at file, line and column.
 */

import { basename, resolve } from "node:path";
import { type ErrorCode, type SourcePosition, UserError, type UserErrorDetails } from "../core/errors.ts";
import type { Placement } from "../mapping/placement.ts";
import { buildComponents, type Components } from "./build-components.ts";
import { checkChip } from "./chip-checks.ts";
import { readExtended } from "./extend.ts";
import { deepFreeze } from "./freeze.ts";
import { applyOverlay, applyOverride, type Overlay } from "./overrides.ts";
import { checkPhysics } from "./physics.ts";
import { usePlugins } from "./plugins.ts";
import { type PlacedProblem, placed, problemsError } from "./problem.ts";
import { resolveConfig } from "./resolve-config.ts";
import { type Experiment, experimentSchema } from "./schema.ts";
import { experimentPath } from "./shipped.ts";
import { positionOf } from "./source.ts";
import { TABLES } from "./tables.ts";
import { find, type MapNode, type Path, valueMark } from "./tree.ts";
import { createValidator, type Validator } from "./validate.ts";

export interface LoadOptions {
  /** `path=value`, in the order given. */
  readonly set?: readonly string[];
  /** Replaces the file's seed. */
  readonly seed?: number;
  /** Values laid over the file before those of `set`; they were read from another file, where errors point. */
  readonly overlays?: readonly Overlay[];
  /** Where relative paths on the command line start; the process's folder by default. */
  readonly folder?: string;
}

export interface LoadedExperiment {
  readonly experiment: Experiment;
  /** The file as the user named it, its absolute path, and its text. */
  readonly file: string;
  readonly path: string;
  readonly sourceText: string;
  /** Values laid over the file, as `path=value`. */
  readonly overrides: readonly string[];
  /** The experiment in the form of a file, complete: times with their unit. */
  readonly resolved: Readonly<Record<string, unknown>>;
  /** Where the experiment names files, e.g. `["data", "path"]`. */
  readonly files: readonly Path[];
  /** Data, encoder, network, loss and placement, which the checks needed anyway. */
  readonly components: Components & {
    /** Where the network is on a chip none of whose circuits failed; absent in software. */
    readonly placement?: Placement;
  };
  readonly warnings: readonly PlacedProblem[];
  /** Where the value at `path` was written; where its nearest ancestor was, when it is a default. */
  locate(path: Path): SourcePosition;
  /** Whether the value at `path` is a default. */
  isDefault(path: Path): boolean;
  /** An error that points at the value at `path`. */
  fail(code: ErrorCode, path: Path, message: string, hint?: string): UserError;
}

let validator: { readonly plugins: string; readonly validate: Validator } | undefined;

/** @throws UserError with exit code 3; several mistakes of one kind come together */
export function loadExperiment(file: string, options: LoadOptions = {}): LoadedExperiment {
  const folder = options.folder ?? process.cwd();
  const path = experimentPath(file, folder);
  const { root: written, source, notes } = readExtended(path, file);
  const overrides = namedOverrides(options);
  const renamed: PlacedProblem[] = [...notes];
  const note = (found: PlacedProblem): void => void renamed.push(found);
  const { overlays = [] } = options;
  const merged = overrides.reduce(
    (root, { text, name }) => applyOverride(root, text, name, folder, note),
    overlays.reduce((root, overlay) => applyOverlay(root, overlay, note), written),
  );
  const plugins = pluginPaths(merged);
  const validate = validatorWith(plugins, merged);
  const { root, resolved, values, files } = resolveConfig(merged, validate, { name: nameOfFile(file) });
  const experiment = deepFreeze(values) as unknown as Experiment;

  const locate = (at: Path): SourcePosition => positionOf(valueMark(root, at));
  const fail: LoadedExperiment["fail"] = (code, at, message, hint) => {
    const details: UserErrorDetails = { where: locate(at), ...(hint === undefined ? {} : { hint }) };
    return new UserError(code, message, details);
  };
  const physics = checkPhysics(experiment);
  if (physics.problems.length > 0) throw problemsError("experiment-physics", physics.problems, root);
  const { warnings, ...components } = buildComponents(experiment, fail);
  const onChip = checkChip(experiment, components.network, components.loss, locate);
  return {
    experiment,
    file,
    path,
    sourceText: source.text,
    overrides: overrides.map(({ text }) => text),
    resolved,
    files,
    components: { ...components, ...(onChip.placement === undefined ? {} : { placement: onChip.placement }) },
    warnings: [
      ...renamed,
      ...[...physics.warnings, ...warnings, ...onChip.warnings].map((problem) => placed(problem, root)),
    ],
    locate,
    isDefault: (at) => find(root, at) === undefined,
    fail,
  };
}

/** Absolute paths of the plugins that a file names, each as seen from the file that it is written in. */
function pluginPaths(root: MapNode): string[] {
  const list = find(root, ["plugins"])?.node;
  if (list?.kind !== "list") return [];
  return list.items.flatMap((item) =>
    item.kind === "scalar" && typeof item.value === "string"
      ? [resolve(item.mark.source.folder, item.value)]
      : [],
  );
}

/** The schema has what plugins add: it is made again when there are others. */
function validatorWith(plugins: readonly string[], root: MapNode): Validator {
  try {
    usePlugins(plugins);
  } catch (error) {
    if (!(error instanceof UserError) || error.where !== undefined) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new UserError(error.code, error.message, {
      where: positionOf(valueMark(root, ["plugins"])),
      ...hint,
      cause: error.cause,
    });
  }
  const key = plugins.join("\n");
  if (validator?.plugins !== key)
    validator = { plugins: key, validate: createValidator(experimentSchema(TABLES)) };
  return validator.validate;
}

function namedOverrides({ set = [], seed }: LoadOptions): { text: string; name: string }[] {
  const overrides = set.map((text, i) => ({ text, name: `--set #${i + 1}` }));
  return seed === undefined ? overrides : [...overrides, { text: `seed=${seed}`, name: "--seed" }];
}

/**
 * The name of experiments and sweeps that have none: their file's without extension, in the letters that names of run
 * folders have. `größte Netze.yaml` is `grosste-Netze`.
 */
export function nameOfFile(file: string): string {
  const plain = basename(file)
    .replace(/\.ya?ml$/i, "")
    .replaceAll("ß", "ss")
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+|-+$/g, "")
    .slice(0, 64);
  return plain === "" ? "experiment" : plain;
}
