/** `eventprop study realism`: a real chip and simulated ones side by side, in one table. */

import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../core/errors.ts";
import { packagePath } from "../core/package-folder.ts";
import { readBytes } from "../data/text-file.ts";
import type { ComparedChip, RealChipOptions, Realism } from "../study/realism.ts";
import type { NamedBytes, RecordedNetwork } from "../study/recorded.ts";
import { mean } from "../study/spike-differences.ts";
import { createProgress } from "./progress.ts";
import type { StudyCall, StudyOptions } from "./study-form.ts";
import { table } from "./terminal.ts";

const SEEDS = [1, 2, 3, 4, 5];
/** Output spikes that counts are scaled to: 1000 samples of three outputs. */
const SCALED_TO = 3000;

export async function run({ file, options, terminal }: StudyCall): Promise<number> {
  const { readTextFile } = await import("../data/text-file.ts");
  const { parseRealChip } = await import("../study/real-chip-file.ts");
  const { realismStudy } = await import("../study/realism.ts");
  const bundles = bundlesIn(file);
  if (bundles.length > 0) return recorded(bundles, { file, options, terminal });
  if (/\.ya?ml$/i.test(file)) {
    throw new UserError("usage", `study realism reads what a real chip answered, as JSON, not ${file}`, {
      hint: "experiments are for study transfer and study calibration",
    });
  }
  const real = parseRealChip(readTextFile(file), file);
  const folder = await resultFolder(options);
  const chips = await chipsOf(options);
  const progress = createProgress(terminal);
  try {
    const result = await realismStudy(real, chips, progress.report);
    progress.clear();
    if (folder !== undefined) await keep(folder, result);
    if (options.json === true)
      terminal.result(JSON.stringify({ folder: folder ?? null, ...result }, null, 2));
    else
      for (const line of [...lines(result), ...(folder === undefined ? [] : [folder])]) terminal.result(line);
    return 0;
  } finally {
    progress.clear();
  }
}

/** The simulated chips, with what `--set chip.effects.<name>=<value>`, `chip.mismatch` and `chip.noise` say of them. */
async function chipsOf({ seeds = SEEDS, set }: StudyOptions): Promise<RealChipOptions[]> {
  const foreign = set.find((text) => !/^chip\.(effects|mismatch|noise)\b/.test(text));
  if (foreign !== undefined)
    throw new UserError("usage", `--set ${foreign} means nothing for study realism`, {
      hint: "it takes chip.effects.<name>, chip.mismatch and chip.noise; the network is that of the real chip",
    });
  const { loadExperiment } = await import("../experiment/load.ts");
  // Any experiment on a simulated chip would do: it checks the values.
  const { chip } = loadExperiment("transfer", { set, folder: packagePath("experiments") }).experiment;
  if (chip.kind !== "simulated") throw new Error("the experiment transfer has a simulated chip");
  const { effects, mismatch, noise } = chip;
  return seeds.map((seed) => ({ seed, effects, mismatch, noise }));
}

/** Folders with a bundle and recordings: `path` itself, or folders in it; none when it is a file. */
function bundlesIn(path: string): string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const folders = [
    path,
    ...readdirSync(path)
      .sort()
      .map((name) => join(path, name)),
  ];
  const found = folders.filter((folder) => existsSync(join(folder, "bundle.json")));
  if (found.length > 0) return found;
  throw new UserError("input-file", `${path} has no bundle.json, and neither has a folder in it`, {
    hint: "`export --for hxtorch` writes bundles; recordings are put beside bundle.json",
  });
}

/** Recordings of several networks and chips; simulated chips beside them where seeds are given. */
async function recorded(folders: readonly string[], { options, terminal }: StudyCall): Promise<number> {
  const { recordedStudy } = await import("../study/recorded.ts");
  if (options.set.length > 0) throw new UserError("usage", "--set means nothing for recordings");
  if (options.out !== undefined)
    throw new UserError("usage", "--out means nothing for recordings: take what is printed, or --json");
  const read = (folder: string, name: string): NamedBytes => {
    const path = join(folder, name);
    return { name: path, bytes: readBytes(path) };
  };
  const progress = createProgress(terminal);
  const found: RecordedNetwork[] = [];
  try {
    for (const folder of folders) {
      const recordings = readdirSync(folder)
        .filter((name) => /\.npz$/.test(name) && name !== "words.npz" && name !== "inputs.npz")
        .sort();
      if (recordings.length === 0)
        throw new UserError("input-file", `${folder} has no recording`, {
          hint: "put the recording.npz of run_on_bss2.py beside bundle.json",
        });
      const files = {
        bundle: read(folder, "bundle.json"),
        words: read(folder, "words.npz"),
        inputs: read(folder, "inputs.npz"),
        recordings: recordings.map((name) => read(folder, name)),
      };
      found.push(await recordedStudy(files, options.seeds ?? [], progress.report));
    }
  } finally {
    progress.clear();
  }
  if (options.json === true) terminal.result(JSON.stringify(found, null, 2));
  else for (const line of recordedLines(found)) terminal.result(line);
  return 0;
}

function recordedLines(networks: readonly RecordedNetwork[]): string[] {
  const header = ["network", "chip", "sd", "|d| median", "p90", "p99", "missing", "extra", "of"];
  const rows = networks.flatMap(({ experiment, population, recorded: real, simulated }) =>
    [...real, ...simulated].map(({ chip, differences }) => {
      const { scatter, median, p90, p99, missing, extra, of } = differences;
      const known = scatter.filter(Number.isFinite);
      return [
        `${experiment}, ${population}`,
        chip,
        ...[mean(known), median, p90, p99].map((value) => value.toFixed(3)),
        ...[missing, extra, of].map(String),
      ];
    }),
  );
  return [
    ...table([header, ...rows], [2, 3, 4, 5, 6, 7, 8]),
    "",
    "d = chip − ideal model, first spikes, in units of tau_m; sd: mean over neurons; missing and extra: counts",
  ];
}

/** Made before the study: one that cannot be kept should not begin. */
async function resultFolder({ out }: StudyOptions): Promise<string | undefined> {
  if (out === undefined) return undefined;
  const { createRunFolder } = await import("../engine/run-folder.ts");
  return createRunFolder({ experiment: "study-realism", out, now: new Date() });
}

/** Leaves the result there as result.json and as figures/realism.svg. */
async function keep(folder: string, result: Realism): Promise<void> {
  const { createFolder, writeAtomic } = await import("../core/durable-files.ts");
  const { writeSealed } = await import("../core/sealed-json.ts");
  const { figureToSvg } = await import("../figures/figure.ts");
  const { realismFigure } = await import("../figures/realism.ts");
  const { RUN_FILES } = await import("../engine/run-folder.ts");
  writeSealed(join(folder, RUN_FILES.result), { ...result });
  const { real, chips, samples } = result;
  const rows = [{ label: "real chip", chip: real }, ...chips.map((chip) => ({ label: chip.chip, chip }))].map(
    ({ label, chip: { differences } }) => {
      const { scatter, median, p90, p99, missing, extra, of } = differences;
      const scaled = (count: number): number => (count * SCALED_TO) / of;
      return {
        label,
        scatter,
        distances: [median, p90, p99] as const,
        counts: [scaled(missing), scaled(extra)] as const,
      };
    },
  );
  const note = `first spikes of the outputs in ${samples} samples, against the ideal model with the same words`;
  const figure = realismFigure(note, `Missing and extra per ${SCALED_TO} spikes`, rows);
  createFolder(join(folder, RUN_FILES.figures));
  writeAtomic(join(folder, RUN_FILES.figures, "realism.svg"), await figureToSvg(figure));
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
