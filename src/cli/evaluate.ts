/** `eventprop evaluate`: what a trained run answers, on its own chip or elsewhere. */

import { type Command, InvalidArgumentError, Option } from "commander";
import { PROGRAM } from "../core/command-line.ts";
import type { RunEvaluation } from "../engine/evaluate-run.ts";
import type { CommandCall } from "./command.ts";
import { type OverrideOptions, overrideFlags } from "./overrides.ts";
import { createProgress } from "./progress.ts";
import { type Terminal, table } from "./terminal.ts";

interface EvaluateOptions extends OverrideOptions {
  readonly split: "train" | "validation" | "test";
  readonly data?: string;
  readonly chips?: readonly number[];
  readonly repeats: number;
  readonly record?: readonly number[];
  readonly out?: string;
  readonly json?: boolean;
}

export function configure(command: Command): void {
  command.argument("<run>", "run folder, e.g. runs/smoke/latest");
  overrideFlags(command)
    .addOption(
      new Option("--split <name>", "which part of the data to evaluate")
        .choices(["train", "validation", "test"])
        .default("test"),
    )
    .addOption(
      new Option(
        "--data <file.csv>",
        "on the samples of this file instead: the columns of the run's table, or label and features in 0 to 1",
      ).conflicts("split"),
    )
    .option(
      "--chips <list>",
      "evaluate on these simulated chips, e.g. 1-10 or 1,3,7; each is calibrated if no calibration is stored",
      chips,
    )
    .option("--repeats <n>", "how often to run each sample, each time with fresh noise", count, 1)
    .option(
      "--record <samples>",
      "write events, spikes and membranes of these samples, e.g. 0-9 or 3,17",
      samples,
    )
    .option("-o, --out <dir>", "folder of the evaluations (default: `evaluations` in the run folder)")
    .option("--json", "print the results as one JSON document on stdout")
    .addHelpText(
      "after",
      "\nBy default, the test samples run on the chip (or in the software) on which the weights were trained." +
        "\nEach evaluation is a folder with result.json, predictions.csv and confusion.csv. The accuracy is given with" +
        "\nits standard error over samples. With --repeats, votes.csv holds the majority vote of the repeats for each sample." +
        `\n\nExamples:\n  $ ${PROGRAM} evaluate runs/smoke/latest` +
        `\n  $ ${PROGRAM} evaluate runs/smoke/latest --chips 1-10` +
        `\n  $ ${PROGRAM} evaluate runs/smoke/latest --set chip.kind=software` +
        `\n  $ ${PROGRAM} evaluate runs/smoke/latest --data new-samples.csv` +
        `\n  $ ${PROGRAM} evaluate runs/smoke/latest --repeats 20 --split validation`,
    );
}

export async function run({ operands, options, terminal }: CommandCall<EvaluateOptions>): Promise<number> {
  const [folder] = operands as [string];
  const { evaluateRun } = await import("../engine/evaluate-run.ts");
  const { openRun } = await import("../engine/open-run.ts");
  const seeds = options.seed === undefined ? [] : [`seed=${options.seed}`];
  const { chip } = openRun(folder, options.set).experiment;
  const named = chip.kind !== "software" && chip.calibration !== undefined ? ["~chip.calibration"] : [];
  const places =
    options.chips?.map((seed) => [...named, "chip.kind=simulated", `chip.seed=${seed}`]) ??
    ([[]] as string[][]);
  const progress = createProgress(terminal);
  const evaluations: RunEvaluation[] = [];
  try {
    for (const place of places) {
      evaluations.push(
        await evaluateRun({
          folder,
          overrides: [...options.set, ...seeds, ...place],
          split: options.split,
          repeats: options.repeats,
          command: process.argv.slice(2),
          ...(options.data === undefined ? {} : { dataFile: options.data }),
          ...(options.record === undefined ? {} : { record: options.record }),
          report: progress.report,
          ...(options.out === undefined ? {} : { out: options.out }),
        }),
      );
    }
  } finally {
    progress.clear();
  }
  const chipMean = meanOfChips(evaluations);
  if (options.json === true) {
    const found = evaluations.map((each) => ({ folder: each.folder, ...each.result }));
    terminal.result(JSON.stringify({ evaluations: found, chips: chipMean }, null, 2));
  } else show(evaluations, chipMean, terminal);
  return 0;
}

interface ChipMean {
  readonly count: number;
  readonly accuracy: number;
  /** Over chips (n − 1). */
  readonly standardDeviation: number;
}

function meanOfChips(evaluations: readonly RunEvaluation[]): ChipMean | null {
  const accuracies = evaluations.flatMap(({ result }) => (result.accuracy === null ? [] : [result.accuracy]));
  const count = accuracies.length;
  if (count < 2) return null;
  const accuracy = accuracies.reduce((sum, each) => sum + each, 0) / count;
  const squares = accuracies.reduce((sum, each) => sum + (each - accuracy) ** 2, 0);
  return { count, accuracy, standardDeviation: Math.sqrt(squares / (count - 1)) };
}

function show(evaluations: readonly RunEvaluation[], chips: ChipMean | null, terminal: Terminal): void {
  const rows = [["on", "split", "samples", "accuracy", "loss"]];
  for (const { result } of evaluations) {
    const { substrate, split, samples, repeats, accuracy, standardError, loss, vote, meanOfScores } = result;
    const what = repeats > 1 ? `${samples} x ${repeats}` : String(samples);
    rows.push([substrate, split, what, percent(accuracy, standardError), loss.toPrecision(4)]);
    if (vote !== null)
      rows.push(["", "vote", String(samples), percent(vote.accuracy, vote.standardError), ""]);
    if (meanOfScores !== null) {
      const { accuracy: mean, standardError: error } = meanOfScores;
      rows.push(["", "mean of scores", String(samples), percent(mean, error), ""]);
    }
  }
  if (chips !== null)
    rows.push([`mean of ${chips.count}`, "", "", percent(chips.accuracy, chips.standardDeviation), ""]);
  for (const line of table(rows, [2, 3, 4])) terminal.result(line);
  if (chips !== null)
    terminal.say("± is the standard error over samples; in the last row the spread over chips");
  for (const { folder } of evaluations) terminal.result(folder);
}

/** `95.3 ± 0.7 %`, "-" for nothing. */
function percent(share: number | null, error: number | null): string {
  if (share === null) return "-";
  return `${(100 * share).toFixed(1)}${error === null ? "" : ` ± ${(100 * error).toFixed(1)}`} %`;
}

/** `1-10`, `1,3,5-7` → numbers, each once. */
function numbers(text: string, most: number): number[] {
  const found = new Set<number>();
  for (const part of text.split(",")) {
    const match = /^\s*(\d{1,10})(?:-(\d{1,10}))?\s*$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || last < first || last > 0xffffffff || last - first >= most)
      throw new InvalidArgumentError(`numbers and ranges as in 1-10 or 1,3,7 are expected, at most ${most}.`);
    for (let number = first; number <= last; number++) found.add(number);
  }
  return [...found];
}

const chips = (text: string): number[] => numbers(text, MAX_CHIPS);
const samples = (text: string): number[] => numbers(text, MAX_RECORDED);

const MAX_CHIPS = 1000;
const MAX_RECORDED = 10_000;
const MAX_REPEATS = 10_000;

function count(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= MAX_REPEATS) return value;
  throw new InvalidArgumentError(`a whole number from 1 to ${MAX_REPEATS} is expected.`);
}
