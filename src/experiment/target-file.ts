/**
 * A calibration target in a file of its own, for chips that are calibrated without an experiment:
 *
 *     tauMem: 10 us
 *     threshold: 140
 *
 * Same rules as experiments: units, `extends`, defaults, positions in every error.
 */

import { checkTarget, TARGET_SCHEMA } from "../calibration/target.ts";
import type { CalibrationTarget } from "../calibration/types.ts";
import { type ExtendedFile, readExtended } from "./extend.ts";
import { deepFreeze } from "./freeze.ts";
import type { LoadOptions } from "./load.ts";
import { applyOverride } from "./overrides.ts";
import { type PlacedProblem, placed } from "./problem.ts";
import { resolveConfig } from "./resolve-config.ts";
import { experimentPath } from "./shipped.ts";
import { positionOf } from "./source.ts";
import { valueMark } from "./tree.ts";
import { createValidator } from "./validate.ts";

export interface LoadedTarget {
  readonly target: CalibrationTarget;
  readonly warnings: readonly PlacedProblem[];
}

/**
 * Whether a file is a target; everything with a network is an experiment.
 * @throws UserError("experiment-syntax") when it cannot be read
 */
export function isTargetFile(file: string, folder = process.cwd()): boolean {
  return !readFile(file, folder).root.entries.has("network");
}

/** @throws UserError with exit code 3 */
export function loadTarget(file: string, options: Omit<LoadOptions, "seed"> = {}): LoadedTarget {
  const { set = [], folder = process.cwd() } = options;
  const merged = set.reduce(
    (root, text, i) => applyOverride(root, text, `--set #${i + 1}`, folder),
    readFile(file, folder).root,
  );
  const { root, values } = resolveConfig(merged, createValidator(TARGET_SCHEMA));
  const target = deepFreeze(values) as unknown as CalibrationTarget;
  const warnings = checkTarget(target, (name) => positionOf(valueMark(root, [name])));
  return {
    target,
    warnings: warnings.map(({ parameter, message }) =>
      placed({ path: [parameter], at: "value", message }, root),
    ),
  };
}

function readFile(file: string, folder: string): ExtendedFile {
  return readExtended(experimentPath(file, folder), file);
}
