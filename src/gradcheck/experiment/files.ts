/**
 * The files of a check of an experiment:
 *
 *     gradients.csv   one row per estimator, weight and sample: central difference and estimate
 *     gradients.svg   the same as a figure
 *     result.json     everything else
 */

import { join } from "node:path";
import { writeAtomic, writeJson } from "../../core/durable-files.ts";
import { figureToSvg } from "../../figures/figure.ts";
import { type EstimatorPairs, gradientPairsFigure } from "../../figures/gradient-pairs.ts";
import type { GradientPair } from "./agreement.ts";
import type { EstimatorCheck, ExperimentCheck } from "./check-experiment.ts";

/** @throws UserError("file") when a file cannot be written */
export async function writeExperimentFiles(
  folder: string,
  title: string,
  check: ExperimentCheck,
  result: unknown,
): Promise<void> {
  writeAtomic(join(folder, "gradients.csv"), pairTable(check.estimators));
  writeAtomic(join(folder, "gradients.svg"), await pairFigure(title, check));
  writeJson(join(folder, "result.json"), result);
}

/** `weight` counts within the projection, by source and then by target; numbers read back to the same bits. */
export function pairTable(estimators: readonly Pick<EstimatorCheck, "name" | "pairs">[]): string {
  const header = ["estimator", "projection", "weight", "sample", "difference", "estimate", "claimed"];
  const rows = estimators.flatMap(({ name, pairs }) =>
    pairs.map(({ projection, weight, sample, difference, estimate, outside }) => [
      name,
      projection,
      weight,
      sample,
      difference,
      estimate,
      outside ? "no" : "yes",
    ]),
  );
  // Names of estimators and projections hold neither commas nor quotes.
  return `${[header, ...rows].map((row) => row.join(",")).join("\n")}\n`;
}

function pairFigure(title: string, { differences, estimators, samples }: ExperimentCheck): Promise<string> {
  const names = differences.map(({ projection }) => projection);
  const scaled = (pairs: readonly GradientPair[]): EstimatorPairs["projections"] =>
    names.map((name) => {
      const own = pairs.filter(({ projection, outside }) => projection === name && !outside);
      const largest = Math.max(...own.map(({ difference }) => Math.abs(difference))) || 1;
      return own.map(({ difference, estimate }) => ({
        difference: difference / largest,
        estimate: estimate / largest,
      }));
    });
  const note = `a dot for each weight and sample; ${samples} samples in software, without a floor under slopes`;
  return figureToSvg(
    gradientPairsFigure(
      `Gradients against central differences: ${title}`,
      note,
      names,
      estimators.map(({ name, pairs }) => ({ name, projections: scaled(pairs) })),
    ),
  );
}
