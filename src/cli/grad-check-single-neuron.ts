/** `eventprop grad-check single-neuron`: the paper's Figures 4 and 5 as tables, CSV and SVG. */

import { UserError } from "../core/errors.ts";
import type { NeuronCheck, SweepSummary } from "../gradcheck/single-neuron/check-neuron.ts";
import { LOSS_NAMES, type Variant, variantName } from "../gradcheck/single-neuron/estimates.ts";
import type { Sweep } from "../gradcheck/single-neuron/sweep.ts";
import type { Spread } from "../statistics/spread.ts";
import type { FormCall } from "./grad-check-form.ts";
import { createProgress } from "./progress.ts";
import { type Terminal, table } from "./terminal.ts";

const TRIALS = 100;

export async function run({ options, terminal }: FormCall): Promise<number> {
  if (options.model !== undefined) return runModel(options.model, { options, terminal });
  const { checkNeuron } = await import("../gradcheck/single-neuron/check-neuron.ts");
  const { CHIP_KINDS } = await import("../gradcheck/single-neuron/neuron-experiment.ts");
  const { createRunFolder } = await import("../engine/run-folder.ts");
  const { chip: asked = "software", chipSeed } = options;
  const chip = CHIP_KINDS.find((kind) => kind === asked);
  if (chip === undefined)
    throw new UserError("usage", asked === true ? "--chip needs a kind" : `there is no chip ${asked}`, {
      hint: `choose ${CHIP_KINDS.join(", ")}`,
    });
  if (chip !== "simulated" && chipSeed !== undefined)
    throw new UserError("usage", "--chip-seed names a simulated chip", { hint: "add --chip simulated" });
  // The folder first: a check that cannot be kept should not be made.
  const folder =
    options.out === undefined
      ? undefined
      : createRunFolder({ experiment: "single-neuron", out: options.out, now: new Date() });
  const progress = createProgress(terminal);
  const check = await checkNeuron({
    chip,
    chipSeed: chipSeed ?? 1,
    // Software and the ideal chip have no noise: a second trial is the first one.
    trials: options.trials ?? (chip === "simulated" ? TRIALS : 1),
    report: progress.report,
  });
  progress.clear();
  if (folder !== undefined) {
    const { writeNeuronFiles } = await import("../gradcheck/single-neuron/files.ts");
    await writeNeuronFiles(folder, check);
  }
  if (options.json === true) terminal.result(JSON.stringify({ folder: folder ?? null, ...check }, null, 2));
  else print(check, terminal);
  if (folder !== undefined && options.json !== true) terminal.result(folder);
  if (check.passed) return 0;
  const complaints = check.sweeps.flatMap(({ tauMem, tauSyn, summary }) =>
    summary.missed.map((missed) => `tau_mem ${tauMem} us, tau_syn ${tauSyn} us: ${missed}`),
  );
  throw new UserError("gradient-claim", complaints.join("; "));
}

/** `--model`: a neuron that has no closed form of its spike time. */
async function runModel(
  name: string,
  { options, terminal }: Pick<FormCall, "options" | "terminal">,
): Promise<number> {
  const { CHECKED_MODELS, checkModel } = await import("../gradcheck/single-neuron/model-check.ts");
  const model = CHECKED_MODELS.find((kind) => kind === name);
  if (model === undefined)
    throw new UserError("usage", `no model ${name} to check`, {
      hint: `choose ${CHECKED_MODELS.join(", ")}; lif is what single-neuron checks without --model`,
    });
  for (const given of ["chip", "chipSeed", "trials", "out"] as const) {
    if (options[given] === undefined) continue;
    const flag = given === "chipSeed" ? "chip-seed" : given;
    throw new UserError("usage", `--${flag} means nothing with --model`, { hint: "leave it out" });
  }
  const check = checkModel(model);
  const { rows, timeError, slopeError, allowed, passed } = check;
  if (options.json === true) terminal.result(JSON.stringify(check, null, 2));
  else {
    const number = (value: number | null | undefined): string => value?.toFixed(10) ?? "-";
    const cells = rows.map(({ weight, time, slope, reference }) => [
      String(weight),
      number(time),
      number(reference?.time),
      number(slope),
      number(reference?.slope),
    ]);
    const header = ["weight", "T/us", "precise", "dT/dw", "precise"];
    for (const line of table([header, ...cells], [0, 1, 2, 3, 4])) terminal.result(line);
    terminal.result("");
    terminal.result(
      `largest relative error: T ${timeError.toExponential(1)} (allowed ${allowed[0]}), ` +
        `dT/dw ${slopeError.toExponential(1)} (allowed ${allowed[1]})`,
    );
  }
  if (passed) return 0;
  throw new UserError("gradient-claim", `${model} is further from the precise solution than allowed`);
}

function print({ sweeps, trials }: NeuronCheck, terminal: Terminal): void {
  for (const sweep of sweeps) {
    const { tauMem, tauSyn, criticalWeight, scale, target, variants, rows, summary } = sweep;
    terminal.result(
      `tau_mem ${tauMem} us, tau_syn ${tauSyn} us: critical weight ${criticalWeight.toFixed(3)}, ` +
        `${scale.toFixed(1)} words per unit, trials per weight: ${trials}`,
    );
    const shown = variants
      .map((variant, i) => ({ variant, i }))
      .filter(({ variant }) => isShown(variant, sweep));
    for (const loss of LOSS_NAMES) {
      terminal.result("");
      terminal.result(loss === "time" ? "L = T, dL/dw in us" : `L = (T - ${target} us)^2, dL/dw in us^2`);
      const header = ["word", "w/w_c", "spiked", "T/us", "analytic", "dL/dw"];
      const cells = rows.map(({ word, ratio, spiked, time, analyticTime, losses }) => [
        String(word),
        ratio.toFixed(2),
        `${Math.round(100 * spiked)} %`,
        measured(time, trials),
        analyticTime === null ? "-" : analyticTime.toFixed(4),
        losses[loss].analytic?.toFixed(4) ?? "-",
        ...shown.map(({ i }) => measured(losses[loss].estimates[i] ?? null, trials)),
      ]);
      const all = [...header, ...shown.map(({ variant }) => shortName(variant))];
      const right = all.map((_, column) => column);
      for (const line of table([all, ...cells], right)) terminal.result(line);
    }
    terminal.result("");
    printSummary(summary, terminal);
  }
}

/** The terminal is not wide enough for all; the others are in the summary and in the files. */
function isShown({ estimator, dt, constants }: Variant, { calibrated }: Sweep): boolean {
  const software = calibrated === null;
  return (dt === null || dt >= 0.1) && (software || constants === "calibrated" || estimator === "eventprop");
}

/** The heading of a column. */
function shortName({ estimator, dt, constants }: Variant): string {
  const name = dt === null ? estimator : `grid ${dt} us`;
  return constants === "nominal" ? name : `${name} cal`;
}

function printSummary({ variants, gridSlope, time }: SweepSummary, terminal: Terminal): void {
  const header = ["L = T, distance from the closed form", "median", "largest", "weights"];
  const lines = variants.map((variant) => [
    variantName(variant),
    percent(variant.median),
    percent(variant.largest),
    String(variant.weights),
  ]);
  for (const line of table([header, ...lines], [1, 2, 3])) terminal.result(line);
  terminal.result(`spike time: at most ${percent(time)} from the closed form`);
  if (gridSlope !== null)
    terminal.result(`the error of the grid falls with dt to the power ${gridSlope.toFixed(2)}`);
  terminal.result("");
}

function percent(value: number | null): string {
  if (value === null) return "-";
  return value < 1e-4 ? value.toExponential(1) : `${(100 * value).toFixed(value < 0.1 ? 2 : 1)} %`;
}

function measured(spread: Spread | null, trials: number): string {
  if (spread === null) return "-";
  return trials === 1 ? spread.mean.toFixed(4) : `${spread.mean.toFixed(3)}+-${spread.deviation.toFixed(3)}`;
}
