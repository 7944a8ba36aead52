/** The folder of a run that ended, as the source of an experiment and of weights. */

import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Calibration } from "../calibration/types.ts";
import { commandLine, PROGRAM } from "../core/command-line.ts";
import { UserError } from "../core/errors.ts";
import type { Report } from "../core/progress.ts";
import { sha256 } from "../core/sealed-json.ts";
import { type LoadedExperiment, loadExperiment } from "../experiment/load.ts";
import type { Experiment } from "../experiment/schema.ts";
import { chipCalibrations } from "./chip-calibrations.ts";
import type { ParentRun } from "./provenance.ts";
import { checkRunFiles } from "./result.ts";
import { RUN_FILES } from "./run-folder.ts";
import { readWeights } from "./weights-file.ts";

/**
 * The experiment of a run with overrides laid over it.
 * @throws UserError("input-file") when the folder is not one of a run that has weights
 */
export function openRun(folder: string, overrides: readonly string[]): LoadedExperiment {
  const missing = [RUN_FILES.config, RUN_FILES.weights].find((file) => !existsSync(join(folder, file)));
  if (missing === undefined) {
    checkRunFiles(folder, RUN_FILES.config, RUN_FILES.weights);
    return loadExperiment(join(folder, RUN_FILES.config), { set: overrides });
  }
  const kind = statSync(folder, { throwIfNoEntry: false });
  const message =
    kind === undefined
      ? `there is no folder ${folder}`
      : kind.isDirectory()
        ? `${folder} has no ${missing}: it is not the folder of a run that ended`
        : `${folder} is a file, the folder of a run is expected`;
  const hint =
    missing === RUN_FILES.weights && existsSync(join(folder, RUN_FILES.checkpoint))
      ? `the run has not ended; go on with: ${commandLine("train", "--resume", folder)}`
      : `e.g. ${PROGRAM} evaluate runs/smoke/latest`;
  throw new UserError("input-file", message, { hint });
}

/**
 * The calibrations for an experiment made from a run: where its chip and network are those of the run, the ones that the
 * run was made with, else those that training would take.
 */
export async function calibrationsOf(
  experiment: Pick<Experiment, "chip" | "network">,
  report: Report,
  folder: string | undefined,
): Promise<ReadonlyMap<string, Calibration>> {
  if (folder === undefined) return chipCalibrations(experiment, report);
  const own = loadExperiment(join(folder, RUN_FILES.config)).experiment;
  const same =
    JSON.stringify([own.chip, own.network]) === JSON.stringify([experiment.chip, experiment.network]);
  return chipCalibrations(experiment, report, same ? folder : undefined);
}

// A run that another one begins with ------------------------------------------------------------------------

// A run whose weights another one begins with.

export interface FirstWeights {
  readonly weights: Float64Array;
  readonly parent: ParentRun;
}

/**
 * The weights of the run in `folder`, for the network of another experiment.
 * @throws UserError("input-file") when the folder holds no run that ended, or its weights do not fit the network
 */
export function parentRun(folder: string, { components }: LoadedExperiment): FirstWeights {
  openRun(folder, []);
  const path = join(folder, RUN_FILES.weights);
  return {
    weights: readWeights(path, components.network),
    parent: {
      folder: resolve(folder),
      weights: sha256(readFileSync(path)),
      experiment: sha256(readFileSync(join(folder, RUN_FILES.config))),
    },
  };
}
