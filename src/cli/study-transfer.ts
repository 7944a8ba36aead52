/** `eventprop study transfer`: networks on the chips they were trained on, in the ideal model, and on other chips. */

import { mean, type SpikeDifferences } from "../study/spike-differences.ts";
import type { Transfer } from "../study/transfer.ts";
import type { StudyCall } from "./study-form.ts";
import { accuracyFigure, runTrainingStudy } from "./study-training.ts";
import { table } from "./terminal.ts";

const SEEDS = [1, 2, 3];
const ADAPT_EPOCHS = 10;

export async function run(call: StudyCall): Promise<number> {
  const { transferStudy } = await import("../study/transfer.ts");
  const { seeds = SEEDS, adapt: adaptEpochs = ADAPT_EPOCHS } = call.options;
  return runTrainingStudy(
    "transfer",
    call,
    ({ experiment }, context) => transferStudy(experiment, { seeds, adaptEpochs }, context),
    lines,
    ({ trained, adaptEpochs, receiving, trainedInIdealModel }) =>
      accuracyFigure("transfer", [
        { label: "trained on a chip: on it", values: trained.map(({ onChip }) => onChip) },
        {
          label: "trained on a chip: in the ideal model",
          values: trained.map(({ inIdealModel }) => inIdealModel),
        },
        { label: "trained on another chip", values: receiving.map(({ before }) => before) },
        { label: `then ${adaptEpochs} epochs on this one`, values: receiving.map(({ after }) => after) },
        { label: "trained and run in the ideal model", values: [trainedInIdealModel] },
      ]),
  );
}

function lines({ epochs, trained, adaptEpochs, receiving, trainedInIdealModel }: Transfer): string[] {
  const own = mean(trained.map(({ onChip }) => onChip));
  const left = mean(trained.map(({ inIdealModel }) => inIdealModel));
  const [first] = trained;
  const rows = [
    ["trained", "run", "test accuracy"],
    ...trained.flatMap(({ seed, onChip, inIdealModel }) => [
      [`chip ${seed}, ${epochs} epochs`, `chip ${seed}`, percent(onChip)],
      ["", "ideal model", percent(inIdealModel)],
    ]),
    [`mean of ${trained.length}`, "own chip", percent(own)],
    ["", "ideal model", percent(left)],
    ["a real chip (docs/realism.md)", "own chip", "84.9 %"],
    ["", "ideal model", "73.2 %"],
    ...receiving.flatMap(({ seed, before, after }) => [
      [`chip ${first?.seed}, ${epochs} epochs`, `chip ${seed}`, percent(before)],
      [`then chip ${seed}, ${adaptEpochs} epochs`, `chip ${seed}`, percent(after)],
    ]),
    [`ideal model, ${epochs} epochs`, "ideal model", percent(trainedInIdealModel)],
  ];
  const spikes = trained.flatMap(({ seed, differences }) =>
    differences === null ? [] : [`chip ${seed}: ${differencesText(differences)}`],
  );
  const shown = table(rows, [2]);
  if (spikes.length === 0) return shown;
  return [...shown, "", "first output spikes, chip − ideal model, in units of tau:", ...spikes];
}

function differencesText({ scatter, median, p90, p99, missing, extra, of }: SpikeDifferences): string {
  const numbers = (values: readonly number[]): string => values.map((value) => value.toFixed(3)).join(" ");
  return `sd ${numbers(scatter)}; |d| median, p90, p99 ${numbers([median, p90, p99])}; missing ${missing}, extra ${extra} of ${of}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
