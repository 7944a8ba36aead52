/** `eventprop grad-check <experiment.yaml>`: estimators against central differences on one's own network. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../core/errors.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import type { EstimatorCheck } from "../gradcheck/experiment/check-experiment.ts";
import type { ChipGradients } from "../gradcheck/experiment/chip-gradients.ts";
import type { GradCheckResult } from "../gradcheck/experiment/grad-check.ts";
import type { MemoryTable, Ratio } from "../gradcheck/experiment/memory.ts";
import type { FormCall, GradCheckOptions } from "./grad-check-form.ts";
import { loadOptions } from "./overrides.ts";
import { createProgress } from "./progress.ts";
import { type Terminal, table } from "./terminal.ts";

const SAMPLES = 20;
const WEIGHTS = 20;
const CHIP_RUNS = 10;

export async function run({ file, options, terminal }: FormCall): Promise<number> {
  const { loadExperiment } = await import("../experiment/load.ts");
  const { gradCheck } = await import("../gradcheck/experiment/grad-check.ts");
  const { estimatorKind } = await import("../gradient/index.ts");
  const estimators = options.estimators?.map(estimatorKind);
  const run = await runFolder(file);
  const loaded = loadExperiment(run?.config ?? file, loadOptions(options));
  for (const { message, where, hint } of loaded.warnings) terminal.warn(message, where, hint);
  await checkChip(loaded, options);
  const folder = await resultFolder(loaded, options);
  const { weights, origin } = await openWeights(loaded, options.weights ?? run?.folder);
  const progress = createProgress(terminal);
  const result = await gradCheck({
    loaded,
    weights,
    samples: options.samples ?? SAMPLES,
    weightsPerProjection: options.perProjection ?? WEIGHTS,
    report: progress.report,
    ...(estimators === undefined ? {} : { estimators }),
    ...(run === undefined ? {} : { runFolder: run.folder }),
    ...(options.chip === undefined ? {} : { chipRuns: options.trials ?? CHIP_RUNS }),
  });
  progress.clear();
  const document = await jsonOf(result, origin);
  if (folder !== undefined) {
    const { writeExperimentFiles } = await import("../gradcheck/experiment/files.ts");
    await writeExperimentFiles(folder, loaded.experiment.name, result.check, document);
  }
  if (options.json === true)
    terminal.result(JSON.stringify({ folder: folder ?? null, ...document }, null, 2));
  else {
    print(result, origin, terminal);
    if (folder !== undefined) terminal.result(folder);
  }
  const missed = result.check.estimators.filter(({ failed }) => failed);
  if (missed.length === 0) return 0;
  const hint = explanation(loaded, result);
  throw new UserError(
    "gradient-claim",
    missed.map(({ name, claim, verdict }) => `${name} claims to be ${claim}: ${verdict.finding}`).join("; "),
    hint === undefined ? {} : { hint },
  );
}

/** Why claims are missed, where the reason is not in the estimators. */
function explanation(
  { components: { loss } }: LoadedExperiment,
  { check }: GradCheckResult,
): string | undefined {
  if (check.spikesPerSample === 0)
    return "no neuron spiked in any sample: give the network larger weights, e.g. with --weights";
  if (loss.omittedFactor === undefined) return undefined;
  return `the derivative of this loss leaves out ${loss.omittedFactor}, so no gradient is that of its value`;
}

async function checkChip({ experiment, fail }: LoadedExperiment, options: GradCheckOptions): Promise<void> {
  if (options.chip === undefined) {
    if (options.trials !== undefined)
      throw new UserError("usage", "--trials repeats runs on a chip: add --chip");
    return;
  }
  if (options.chip !== true)
    throw new UserError("usage", `--chip uses the chip of the experiment, found ${options.chip}`, {
      hint: `choose another with --set chip.kind=${options.chip}`,
    });
  if (experiment.chip.kind === "software")
    throw fail("compatibility", ["chip"], "--chip needs a chip, this experiment runs in software");
}

/** Made before the check: one that cannot be kept should not begin. */
async function resultFolder(
  { experiment }: LoadedExperiment,
  { out }: GradCheckOptions,
): Promise<string | undefined> {
  if (out === undefined) return undefined;
  const { createRunFolder } = await import("../engine/run-folder.ts");
  return createRunFolder({ experiment: experiment.name, out, now: new Date() });
}

/** A run folder that stands for its experiment and its weights. */
async function runFolder(path: string): Promise<{ folder: string; config: string } | undefined> {
  const { RUN_FILES } = await import("../engine/run-folder.ts");
  const config = join(path, RUN_FILES.config);
  if (!existsSync(config)) return undefined;
  const { checkRunFiles } = await import("../engine/result.ts");
  checkRunFiles(path, RUN_FILES.config);
  return { folder: path, config };
}

/** The weights of a file or a run folder, or the first ones of the experiment. */
async function openWeights(loaded: LoadedExperiment, path: string | undefined) {
  const { network } = loaded.components;
  if (path !== undefined) {
    const { readWeights, weightsPath } = await import("../engine/weights-file.ts");
    const file = weightsPath(path);
    return { weights: readWeights(file, network), origin: file };
  }
  const { initialWeights } = await import("../experiment/weights.ts");
  return { weights: initialWeights(loaded.experiment, network), origin: "initial" };
}

/** The result without gradients of single weights. */
async function jsonOf({ check, incompatible, memory, chip }: GradCheckResult, weights: string) {
  const { PUBLISHED_RATIO } = await import("../gradcheck/experiment/memory.ts");
  const { gradient: _, ...plain } = check;
  const estimators = plain.estimators.map(({ pairs: _, ...one }) => one);
  const published = { ...memory, published: PUBLISHED_RATIO };
  return { ...plain, estimators, weights, incompatible, memory: published, chip };
}

function print(
  { check, incompatible, memory, chip }: GradCheckResult,
  origin: string,
  terminal: Terminal,
): void {
  const say = (line: string): void => terminal.result(line);
  say(`${check.samples} samples, ${fixed(check.spikesPerSample, 1)} spikes per sample, weights: ${origin}`);
  for (const one of check.differences) {
    const { projection, holds, weights, pairs, skippedPairs, skipped, skippedWeights } = one;
    const reasons = [
      skipped.spikes > 0 ? `a spike appears or vanishes at ${skipped.spikes}` : "",
      skipped.order > 0 ? `events of a neuron change places at ${skipped.order}` : "",
      skipped.sign > 0 ? `the weight changes its sign at ${skipped.sign}` : "",
    ].filter((reason) => reason !== "");
    const text =
      skippedPairs === 0
        ? "none skipped"
        : `${skippedPairs} skipped at ${skippedWeights} ${holds} (${reasons.join(", ")})`;
    say(`${projection}: ${weights} ${holds}, ${pairs} central differences, ${text}`);
  }
  say("");
  const header = [
    "estimator",
    "projection",
    "rel.error",
    "cosine",
    "bias",
    "largest",
    "per sample",
    "checked",
    "outside",
  ];
  const rows = check.estimators.flatMap(({ name, projections }) =>
    projections.map((one) => [
      name,
      one.projection,
      percent(one.relativeError),
      fixed(one.cosine, 4),
      percent(one.bias),
      percent(one.largestError),
      fixed(one.sampleCosine?.mean ?? null, 3),
      `${one.checked - one.unresolved}`,
      `${one.outside}`,
    ]),
  );
  for (const line of table([header, ...rows], [2, 3, 4, 5, 6, 7, 8])) say(line);
  for (const one of check.estimators) printOrder(one, say);
  say("");
  for (const { name, claim, verdict, failed } of check.estimators) {
    const aside = verdict.passed || failed ? "" : " (for comparison: not the estimator of this experiment)";
    say(`${verdict.passed ? "ok    " : "MISSED"}  ${name}, ${claim}: ${verdict.finding}${aside}`);
  }
  for (const { name, reason } of incompatible) say(`-       ${name}: cannot serve here, ${reason}`);
  printMemory(memory, say);
  if (chip !== undefined) printChip(chip, say);
}

function printOrder({ name, order }: EstimatorCheck, say: (line: string) => void): void {
  if (order === undefined) return;
  const rows = order.grids.map(({ dt, relativeError, bias, median }) => [
    String(dt),
    percent(median),
    percent(relativeError),
    percent(bias),
  ]);
  say("");
  say(`${name} against the exact gradient, all weights; slope of the median ${fixed(order.slope, 2)}`);
  for (const line of table([["dt/us", "median", "rel.error", "bias"], ...rows], [0, 1, 2, 3])) say(line);
}

function printMemory({ rows, membranes, ratio }: MemoryTable, say: (line: string) => void): void {
  say("");
  const cells = rows.map(({ estimator, observed, kept }) => [estimator, fixed(observed, 0), fixed(kept, 0)]);
  if (membranes !== null)
    cells.push(["all membranes", fixed(membranes.observed, 0), fixed(membranes.kept, 0)]);
  for (const line of table([["bytes per sample", "observed", "kept"], ...cells], [1, 2])) say(line);
  if (membranes === null) {
    say("the network does not fit on one chip, so what would be observed on one is not known");
    return;
  }
  const quotients = (name: string, { observed, kept }: Ratio): string =>
    `${name} / eventprop: kept ${fixed(kept, 1)}, observed ${fixed(observed, 1)}`;
  say(quotients("surrogate", ratio.surrogate));
  say(`${quotients("all membranes", ratio.membranes)}; published: 6.2 +- 0.5, counting rule: docs/memory.md`);
}

function printChip(chip: ChipGradients, say: (line: string) => void): void {
  say("");
  say(
    `on the chip: ${chip.runs} runs, ${fixed(chip.spikesPerSample, 1)} spikes and ` +
      `${fixed(chip.bytesObserved, 0)} bytes per sample, ${chip.saturated} of ${chip.weights} weights clipped`,
  );
  const header = ["estimator", "projection", "spread", "cosine", "+-", "of mean", "bias", "capped/run"];
  const rows = chip.rows.map((row) => [
    row.estimator,
    row.projection,
    percent(row.spread),
    fixed(row.cosine, 4),
    fixed(row.cosineDeviation, 4),
    fixed(row.cosineOfMean, 4),
    percent(row.biasOfMean),
    fixed(row.cappedJumps, 1),
  ]);
  for (const line of table([header, ...rows], [2, 3, 4, 5, 6, 7])) say(line);
}

function fixed(value: number | null, digits: number): string {
  return value === null ? "-" : value.toFixed(digits);
}

/** Small ones as powers of ten. */
function percent(value: number | null): string {
  if (value !== null && value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(1);
  return value === null ? "-" : `${(100 * value).toFixed(1)} %`;
}
