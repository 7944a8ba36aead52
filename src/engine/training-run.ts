/**
 * One training run with its folder: everything is checked before the folder exists; everything that happens
 * after is on disk, whatever ends the run.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { softwareVersion } from "../calibration/store.ts";
import { UserError } from "../core/errors.ts";
import type { ProgressEvent, Report } from "../core/progress.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import { placementConstraints } from "../experiment/network.ts";
import { experimentYaml } from "../experiment/print.ts";
import type { Experiment } from "../experiment/schema.ts";
import { placeNetwork } from "../mapping/place.ts";
import { placementJson } from "../mapping/placement-json.ts";
import { writeAtomic, writeJson } from "./atomic-file.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { chipCalibrations, saveRunCalibrations } from "./chip-calibrations.ts";
import { type Logger, openLog } from "./log.ts";
import { readMetrics } from "./metrics.ts";
import { placeOnChip } from "./open-forward.ts";
import type { Plan } from "./plan.ts";
import { collectProvenance, writeProvenance } from "./provenance.ts";
import { type Outcome, type RunResult, writeResult } from "./result.ts";
import { checkVacant, createRunFolder, RUN_FILES } from "./run-folder.ts";
import { train } from "./train.ts";
import { weightsText } from "./weights-file.ts";

export interface TrainingRequest {
  readonly loaded: LoadedExperiment;
  readonly out?: string;
  /** Goes on in this folder from this checkpoint. */
  readonly resume?: { readonly folder: string; readonly checkpoint: Checkpoint };
  readonly workers: number;
  readonly command: readonly string[];
  /** When the command began. */
  readonly started: Date;
  readonly report: Report;
  /** Called when all is checked and calibrated, before anything is written: from here on stops are heard. */
  readonly begins?: () => void;
  readonly stopRequested: () => boolean;
}

export interface TrainingOutcome {
  readonly folder: string;
  readonly result: RunResult;
}

/** Refuses a network that does not fit the chip, at its line, before anything is measured or written. */
export function checkPlacement(loaded: LoadedExperiment): void {
  const { experiment, assembly } = loaded;
  if (experiment.chip.kind === "software") return;
  try {
    placeNetwork(assembly.network, { constraints: placementConstraints(experiment) });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw loaded.fail(error.code, ["network"], error.message, error.hint);
  }
}

/** Runs an experiment to its end. Errors are thrown after result.json says what happened. */
export async function runTraining(request: TrainingRequest): Promise<TrainingOutcome> {
  const { loaded, report, resume, started } = request;
  const { experiment } = loaded;
  checkPlacement(loaded);
  if (request.out !== undefined) checkVacant(request.out);
  const plan: Plan = { experiment, calibrations: await chipCalibrations(experiment, report, resume?.folder) };
  request.begins?.();
  const folder =
    resume?.folder ??
    createRunFolder({
      experiment: experiment.name,
      now: started,
      ...(request.out === undefined ? {} : { out: request.out }),
    });
  const log = openLog(folder);
  const provenance = writeInputs(folder, request, plan);
  const logged = logging(log, report);
  const finish = (result: RunResult, exitCode: number): TrainingOutcome => {
    writeResult(folder, result);
    writeProvenance(folder, { ...provenance, ended: new Date().toISOString(), exitCode });
    log.info({ result }, "end");
    return { folder, result };
  };
  const ending = resultOf(experiment, started);
  try {
    const outcome = await train({
      plan,
      folder,
      workers: request.workers,
      report: logged,
      stopRequested: request.stopRequested,
      ...(resume === undefined ? {} : { resume: resume.checkpoint }),
    });
    writeAtomic(join(folder, RUN_FILES.weights), weightsText(outcome.weights, loaded.assembly.network));
    await drawLearningCurve(folder, experiment.name);
    return finish(ending(outcome.outcome, outcome), outcome.outcome === "finished" ? 0 : 130);
  } catch (error) {
    const known = error instanceof UserError;
    const kind = known && error.code === "diverged" ? "diverged" : "failed";
    const message = error instanceof Error ? error.message : String(error);
    finish({ ...ending(kind, {}), message }, known ? error.exitCode : 1);
    throw error;
  }
}

/** Writes what the run starts from. */
function writeInputs(folder: string, request: TrainingRequest, plan: Plan) {
  const { loaded, command, started } = request;
  const { experiment } = plan;
  const resolved = experimentYaml(loaded);
  const chipSeed = experiment.chip.kind === "simulated" ? experiment.chip.seed : null;
  const provenance = collectProvenance({
    command,
    workingFolder: process.cwd(),
    version: softwareVersion(),
    programFolder: fileURLToPath(new URL("..", import.meta.url)),
    experiment: resolved,
    seeds: { run: experiment.seed, chip: chipSeed },
    started,
  });
  if (request.resume === undefined) {
    writeAtomic(join(folder, RUN_FILES.config), resolved);
    writeAtomic(join(folder, RUN_FILES.source), loaded.sourceText);
    saveRunCalibrations(folder, plan.calibrations);
    if (experiment.chip.kind !== "software") {
      const { network } = loaded.assembly;
      const placement = placeOnChip(experiment, network, plan.calibrations);
      writeJson(join(folder, RUN_FILES.placement), placementJson(network, placement));
    }
  }
  writeProvenance(folder, provenance);
  return provenance;
}

/** Loss and accuracy by epoch as figures/learning-curve.svg; nothing before the first epoch is complete. */
async function drawLearningCurve(folder: string, name: string): Promise<void> {
  const rows = readMetrics(join(folder, RUN_FILES.metrics));
  if (rows.length === 0) return;
  const { learningCurve } = await import("../figures/learning-curve.ts");
  mkdirSync(join(folder, RUN_FILES.figures), { recursive: true });
  writeAtomic(join(folder, RUN_FILES.figures, "learning-curve.svg"), await learningCurve(name, rows));
}

function logging(log: Logger, report: Report): Report {
  return (event: ProgressEvent) => {
    if (event.kind === "warning") log.warn(event.message);
    else log.info(event);
    report(event);
  };
}

/** The result at an end of the run. */
function resultOf(experiment: Experiment, started: Date) {
  return (
    outcome: Outcome,
    { epochs = 0, last = {} }: Partial<Pick<Awaited<ReturnType<typeof train>>, "epochs" | "last">>,
  ): RunResult => ({
    outcome,
    testAccuracy: last.test?.accuracy ?? null,
    testLoss: last.test?.loss ?? null,
    validationAccuracy: last.validation?.accuracy ?? null,
    epochs,
    wallSeconds: (Date.now() - started.getTime()) / 1000,
    seeds: {
      run: experiment.seed,
      chip: experiment.chip.kind === "simulated" ? experiment.chip.seed : null,
    },
  });
}
