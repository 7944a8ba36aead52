/** `eventprop study transfer`: one network on its chip, in the ideal model, and on other chips. */

import type { Transfer } from "../study/transfer/transfer.ts";
import type { StudyCall } from "./study-form.ts";
import { runTrainingStudy } from "./study-training.ts";
import { table } from "./terminal.ts";

const SEEDS = [1, 2, 3];
const ADAPT_EPOCHS = 10;

export async function run(call: StudyCall): Promise<number> {
  const { transferStudy } = await import("../study/transfer/transfer.ts");
  const [seed = 1, ...otherSeeds] = call.options.seeds ?? SEEDS;
  const adaptEpochs = call.options.adapt ?? ADAPT_EPOCHS;
  return runTrainingStudy(
    "transfer",
    call,
    ({ experiment }, context) => transferStudy(experiment, { seed, otherSeeds, adaptEpochs }, context),
    lines,
  );
}

function lines(result: Transfer): string[] {
  const { seed, epochs, adaptEpochs, differences } = result;
  const rows = [
    ["trained", "run", "test accuracy"],
    [`chip ${seed}, ${epochs} epochs`, `chip ${seed}`, percent(result.onChip)],
    ["", "ideal model", percent(result.inIdealModel)],
    ...result.others.flatMap((other) => [
      ["", `chip ${other.seed}`, percent(other.before)],
      [`then chip ${other.seed}, ${adaptEpochs} epochs`, `chip ${other.seed}`, percent(other.after)],
    ]),
    [`ideal model, ${epochs} epochs`, "ideal model", percent(result.trainedInIdealModel)],
  ];
  const shown = table(rows, [2]);
  if (differences === null) return shown;
  const { scatter, median, p90, p99, missing, extra, of } = differences;
  const numbers = (values: readonly number[]): string => values.map((value) => value.toFixed(3)).join(" ");
  return [
    ...shown,
    "",
    `first output spikes, chip ${seed} − ideal model, in units of tau: sd ${numbers(scatter)};`,
    `|d| median, p90, p99: ${numbers([median, p90, p99])}; missing ${missing}, extra ${extra} of ${of}`,
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
