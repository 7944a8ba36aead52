/**
 * The files of a single-neuron check: one table, one figure per regime and loss, and everything as JSON.
 *
 *     single-neuron.csv     one row per regime, loss, weight and estimator; empty where there is no value
 *     tau-<m>-<s>-<loss>.svg
 *     result.json
 */

import { join } from "node:path";
import { writeAtomic, writeJson } from "../../core/durable-files.ts";
import { gradientCheckFigure, type Quotient } from "../../figures/gradient-check.ts";
import type { Spread } from "../../statistics/spread.ts";
import type { NeuronCheck } from "./check-neuron.ts";
import { LOSS_NAMES, type LossName, variantName } from "./estimates.ts";
import type { Sweep } from "./sweep.ts";

/** Units: µs, model units, loss units per model unit. */
const COLUMNS = [
  "tau_mem_us",
  "tau_syn_us",
  "loss",
  "word",
  "weight",
  "weight_over_critical",
  "trials",
  "spiked",
  "time_mean_us",
  "time_std_us",
  "time_analytic_us",
  "estimator",
  "dt_us",
  "constants",
  "gradient_mean",
  "gradient_std",
  "gradient_analytic",
  "gradient_analytic_calibrated",
] as const;

/** @throws UserError("file") when a file cannot be written */
export async function writeNeuronFiles(folder: string, check: NeuronCheck): Promise<void> {
  writeAtomic(join(folder, "single-neuron.csv"), neuronTable(check));
  for (const sweep of check.sweeps) {
    for (const loss of LOSS_NAMES) {
      const name = `tau-${sweep.tauMem}-${sweep.tauSyn}-${loss}.svg`;
      writeAtomic(join(folder, name), await neuronFigure(check, sweep, loss));
    }
  }
  writeJson(join(folder, "result.json"), check);
}

export function neuronTable({ sweeps, trials }: NeuronCheck): string {
  const lines = sweeps.flatMap(({ tauMem, tauSyn, rows, variants }) =>
    LOSS_NAMES.flatMap((loss) =>
      rows.flatMap(({ word, weight, ratio, spiked, time, analyticTime, losses }) =>
        variants.map(({ estimator, dt, constants }, i) => {
          const { estimates, analytic, analyticCalibrated } = losses[loss];
          const estimate = estimates[i];
          const cells: Record<(typeof COLUMNS)[number], string | number | null | undefined> = {
            tau_mem_us: tauMem,
            tau_syn_us: tauSyn,
            loss,
            word,
            weight,
            weight_over_critical: ratio,
            trials,
            spiked,
            time_mean_us: time?.mean,
            time_std_us: time?.deviation,
            time_analytic_us: analyticTime,
            estimator,
            dt_us: dt,
            constants,
            gradient_mean: estimate?.mean,
            gradient_std: estimate?.deviation,
            gradient_analytic: analytic,
            gradient_analytic_calibrated: analyticCalibrated,
          };
          return COLUMNS.map((column) => cells[column] ?? "").join(",");
        }),
      ),
    ),
  );
  return `${[COLUMNS.join(","), ...lines].join("\n")}\n`;
}

/** Everything divided by the closed form with nominal constants, at the weights at which that has a spike. */
export function neuronFigure(
  { chip, chipSeed, trials }: NeuronCheck,
  sweep: Sweep,
  loss: LossName,
): Promise<string> {
  const { rows, variants, tauMem, tauSyn, target } = sweep;
  const name = chipSeed === null ? chip : `${chip} chip ${chipSeed}`;
  const formula = loss === "time" ? "L = T" : `L = (T − ${target} µs)²`;
  const quotient = (
    ratio: number,
    estimate: Spread | null | undefined,
    analytic: number | null,
  ): Quotient[] =>
    estimate == null || analytic === null || analytic === 0
      ? []
      : [{ ratio, mean: estimate.mean / analytic, deviation: Math.abs(estimate.deviation / analytic) }];
  return gradientCheckFigure({
    title: `One neuron, one input: ${formula}, τ_m = ${tauMem} µs, τ_s = ${tauSyn} µs`,
    note: `${name}, ${trials} ${trials === 1 ? "trial" : "trials"} per weight; closed form with nominal constants`,
    time: {
      name: "spike time, observed",
      points: rows.flatMap(({ ratio, time, analyticTime }) => quotient(ratio, time, analyticTime)),
    },
    gradients: variants.map((variant, i) => ({
      name: variantName(variant),
      points: rows.flatMap(({ ratio, losses }) =>
        quotient(ratio, losses[loss].estimates[i], losses[loss].analytic),
      ),
    })),
  });
}
