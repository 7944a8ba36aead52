/** `eventprop study gradients`: what each estimator has to do with the loss that a noisy chip has on average. */

import type { Figure } from "../figures/figure.ts";
import type { GradientRow, GradientStudy } from "../study/gradients/gradient-study.ts";
import type { StudyCall } from "./study-form.ts";
import { runTrainingStudy } from "./study-training.ts";
import { table } from "./terminal.ts";

const SEEDS = [1];
const EPOCHS = [0, 5, 30];
/** With these the cosine of a hidden layer of Yin-Yang is known to a few hundredths. */
const EFFORT = { samples: 300, runs: 4, directions: 100 };

export async function run(call: StudyCall): Promise<number> {
  const { gradientStudy } = await import("../study/gradients/gradient-study.ts");
  const { seeds = SEEDS, epochs = EPOCHS } = call.options;
  return runTrainingStudy(
    "gradients",
    call,
    ({ experiment }, context) => gradientStudy(experiment, { seeds, epochs, ...EFFORT }, context),
    lines,
    figure,
  );
}

function lines({ rows, samples, runs, directions, batch }: GradientStudy): string[] {
  const header = ["chip", "epochs", "projection", "estimator", "cosine", "size", "variance", "of noise"];
  const body = rows.map((row) => [
    String(row.chip),
    String(row.epochs),
    row.projection,
    row.estimator,
    cosineText(row),
    number(row.size),
    number(row.variance),
    number(row.noiseVariance),
  ]);
  return [
    ...table([header, ...body], [0, 1, 4, 5, 6, 7]),
    "",
    `cosine with the gradient of the mean loss over ${runs} runs of ${samples} samples, from ${directions} directions;`,
    "size: what the loss does over what the gradient says;",
    `variance of the gradient of a batch of ${batch} over the squared length of the mean, and the part that noise makes.`,
  ];
}

function cosineText({ cosine, cosineError }: GradientRow): string {
  if (cosine === null) return "–";
  return cosineError === null ? cosine.toFixed(2) : `${cosine.toFixed(2)} ± ${cosineError.toFixed(2)}`;
}

function number(value: number | null): string {
  return value === null ? "–" : value.toPrecision(2);
}

/** Dots are chips. */
async function figure({ rows }: GradientStudy): Promise<Figure> {
  const { settingsFigure } = await import("../figures/sweep.ts");
  const { summaryOf } = await import("../statistics/spread.ts");
  const estimators = [...new Set(rows.map(({ estimator }) => estimator))];
  const groups = new Map<string, { setting: number; values: number[] }>();
  for (const { projection, epochs, estimator, cosine } of rows) {
    const label = `${projection}, ${epochs} epochs: ${estimator}`;
    const group = groups.get(label) ?? { setting: estimators.indexOf(estimator), values: [] };
    groups.set(label, group);
    if (cosine !== null) group.values.push(cosine);
  }
  const shown = [...groups].map(([label, { setting, values }]) => {
    const summary = summaryOf(values);
    return { label, setting, values, mean: summary?.mean ?? null, sd: summary?.sd ?? null };
  });
  return settingsFigure(
    "Gradients and the mean loss",
    "one dot per chip",
    "cosine with the gradient of the mean loss",
    shown,
    "chips",
  );
}
