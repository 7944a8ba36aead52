/** `eventprop study realism`: a real chip and simulated ones side by side, in one table. */

import { UserError } from "../core/errors.ts";
import type { ComparedChip, Realism } from "../study/realism/realism.ts";
import { mean } from "../study/spike-differences.ts";
import { createProgress } from "./progress.ts";
import type { StudyCall } from "./study-form.ts";
import { table } from "./terminal.ts";

const SEEDS = [1, 2, 3, 4, 5];
/** Output spikes that counts are scaled to: 1000 samples of three outputs. */
const SCALED_TO = 3000;

export async function run({ file, options, terminal }: StudyCall): Promise<number> {
  const { readTextFile } = await import("../data/text-file.ts");
  const { parseRealChip } = await import("../study/realism/real-chip-file.ts");
  const { realismStudy } = await import("../study/realism/realism.ts");
  if (/\.ya?ml$/i.test(file)) {
    throw new UserError("usage", `study realism reads what a real chip answered, as JSON, not ${file}`, {
      hint: "experiments are for study transfer and study calibration",
    });
  }
  const real = parseRealChip(readTextFile(file), file);
  const chips = (options.seeds ?? SEEDS).map((seed) => ({ seed }));
  const progress = createProgress(terminal);
  try {
    const result = await realismStudy(real, chips, progress.report);
    progress.clear();
    if (options.json === true) terminal.result(JSON.stringify(result, null, 2));
    else for (const line of lines(result)) terminal.result(line);
    return 0;
  } finally {
    progress.clear();
  }
}

function lines({ real, chips, idealAccuracy, samples }: Realism): string[] {
  const outputs = real.differences.scatter.map((_, output) => `sd ${output + 1}`);
  const header = ["chip", ...outputs, "|d| median", "p90", "p99", "missing", "extra", "accuracy", "words"];
  const rows = [real, ...chips].map((chip) => [chip.chip, ...cells(chip)]);
  const averages = cells(averageOf(chips));
  const right = header.map((_, column) => column).slice(1);
  return [
    ...table([header, ...rows, [`mean of ${chips.length}`, ...averages]], right),
    "",
    `${samples} samples; d = chip − ideal model in units of tau; missing and extra per ${SCALED_TO} output spikes;`,
    `accuracy in the ideal model: ${percent(idealAccuracy)}; words: of one threshold, as calibrated (78 wanted)`,
  ];
}

type Row = Pick<ComparedChip, "differences" | "accuracy" | "wordsPerThreshold">;

function averageOf(chips: readonly ComparedChip[]): Row {
  const average = (value: (chip: ComparedChip) => number): number => mean(chips.map(value));
  const { differences: first } = chips[0] as ComparedChip;
  const outputs = first.scatter.map((_, output) => output);
  return {
    differences: {
      scatter: outputs.map((output) => average(({ differences }) => differences.scatter[output]!)),
      shift: outputs.map((output) => average(({ differences }) => differences.shift[output]!)),
      median: average(({ differences }) => differences.median),
      p90: average(({ differences }) => differences.p90),
      p99: average(({ differences }) => differences.p99),
      missing: average(({ differences }) => differences.missing),
      extra: average(({ differences }) => differences.extra),
      of: first.of,
    },
    accuracy: average(({ accuracy }) => accuracy),
    wordsPerThreshold: average(({ wordsPerThreshold }) => wordsPerThreshold ?? Number.NaN),
  };
}

function cells({ differences, accuracy, wordsPerThreshold }: Row): string[] {
  const { scatter, median, p90, p99, missing, extra, of } = differences;
  const scaled = (count: number): string => Math.round((count * SCALED_TO) / of).toString();
  return [
    ...[...scatter, median, p90, p99].map((value) => value.toFixed(3)),
    scaled(missing),
    scaled(extra),
    percent(accuracy),
    wordsPerThreshold === null ? "-" : wordsPerThreshold.toFixed(1),
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
