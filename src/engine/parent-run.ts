/** A run whose weights another one begins with. */

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { sha256 } from "../core/sealed-json.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import { openRun } from "./open-run.ts";
import type { ParentRun } from "./provenance.ts";
import { RUN_FILES } from "./run-folder.ts";
import { readWeights } from "./weights-file.ts";

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
