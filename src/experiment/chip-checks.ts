/**
 * Whether an experiment fits on a chip: calibration targets within reach, a recording as long as a sample, and
 * a place for every neuron and connection. Nothing is opened or run.
 */

import { statSync } from "node:fs";
import { checkTarget } from "../calibration/target.ts";
import type { CalibrationTarget } from "../calibration/types.ts";
import { CADC_DRAM_PERIOD_US, CADC_SRAM_PERIOD_US, CADC_SRAM_SAMPLES } from "../chip/limits.ts";
import { type SourcePosition, UserError } from "../core/errors.ts";
import { formatTime } from "../core/units.ts";
import type { Loss } from "../loss/types.ts";
import { beyondCircuit } from "../mapping/adex.ts";
import { extraOf } from "../mapping/constants.ts";
import { placeInRuns } from "../mapping/partition.ts";
import type { Placement } from "../mapping/placement.ts";
import { INPUT, type Network } from "../network/network.ts";
import { NEURON_MODELS } from "../neuron/models/index.ts";
import { calibrationTargets, placementWishes, projectionEnds } from "./network.ts";
import type { Problem } from "./problem.ts";
import type { Experiment } from "./schema.ts";
import type { Path } from "./tree.ts";

/** Where the value at a path was written. */
export type Locate = (path: Path) => SourcePosition;

/**
 * Where the network is on a chip none of whose circuits failed (absent where it runs in parts), and warnings about what will work badly.
 * @throws UserError("experiment-physics" | "placement") about what cannot work
 */
export function checkChip(
  experiment: Experiment,
  network: Network,
  loss: Loss,
  locate: Locate,
): { readonly placement?: Placement; readonly warnings: readonly Problem[] } {
  if (experiment.chip.kind === "software") return { warnings: [] };
  checkCalibrationFile(experiment, locate);
  refuseGeneral(experiment, network, locate);
  const warnings = [...targetWarnings(experiment, locate), ...recordingWarnings(experiment, network, loss)];
  try {
    const placed = placeInRuns(network, placementWishes(experiment));
    return "parts" in placed ? { warnings } : { placement: placed, warnings };
  } catch (error) {
    if (!(error instanceof UserError) || error.where !== undefined) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    const where = locate(["network", "populations", largestPopulation(network), "size"]);
    throw new UserError(error.code, error.message, { ...hint, where, also: error.also });
  }
}

/** Found before a run begins, not after its data are read. */
function checkCalibrationFile({ chip }: Experiment, locate: Locate): void {
  if (chip.kind === "software" || chip.calibration === undefined) return;
  const missing = [chip.calibration].flat().find((file) => {
    return statSync(file, { throwIfNoEntry: false })?.isFile() !== true;
  });
  if (missing === undefined) return;
  const where = locate(["chip", "calibration"]);
  const hint = "leave the key out: a fitting calibration is found or made";
  throw new UserError("input-file", `there is no calibration file ${missing}`, { where, hint });
}

/** Models, delays and learned constants that a chip does not have. */
function refuseGeneral(experiment: Experiment, network: Network, locate: Locate): void {
  const { network: file } = experiment;
  const targets = calibrationTargets(experiment);
  const refuse = (path: Path, message: string, hint: string): UserError =>
    new UserError("compatibility", message, { where: locate(path), hint });
  const software = "`chip: { kind: software }` runs it";
  for (const { name, model, start } of network.populations) {
    const path = ["network", "populations", name];
    if (!model.onChip) {
      const kinds = NEURON_MODELS.filter(({ onChip }) => onChip).map(({ kind }) => kind);
      const message = `\`${name}\` is ${model.kind}, which the circuits of a chip do not emulate`;
      throw refuse([...path, "model"], message, `${software}; ${kinds.join(", ")} run on chips`);
    }
    const target = targets?.get(name);
    if (!model.closedForm && target !== undefined) {
      const { leak, threshold, tauMem } = target;
      const beyond = beyondCircuit(extraOf(network, start), { leak, unit: threshold - leak, tauMem });
      if (beyond !== undefined) throw refuse([...path, beyond.constant], beyond.message, beyond.hint);
    }
    if (Object.keys(file.populations[name]?.trainable ?? {}).length > 0) {
      const message = `the constants of \`${name}\` are set by the calibration of a chip and cannot be learned there`;
      throw refuse([...path, "trainable"], message, software);
    }
  }
  const ofInput = Object.keys(file.projections).filter((name) => projectionEnds(name)[0] === INPUT);
  for (const [name, { delay }] of Object.entries(file.projections)) {
    if (delay === undefined || delay.kind === "none") continue;
    const path = ["network", "projections", name, "delay"];
    if (!ofInput.includes(name)) {
      const message = `\`${name}\` has delays, which the synapses of a chip do not`;
      throw refuse(path, message, `${software}; only inputs can be delayed, by the host that sends them`);
    }
    if (delay.kind !== "axonal") {
      const message = `the delays of \`${name}\` are ${delay.kind}, but one event of an input reaches all its synapses at the same time`;
      throw refuse([...path, "kind"], message, `\`kind: axonal\` delays the event; ${software}`);
    }
    if (ofInput.length > 1) {
      const message = `one event of an input serves ${ofInput.join(" and ")}, so \`${name}\` cannot have delays of its own`;
      throw refuse(path, message, software);
    }
  }
}

/** Whose size is the first to change when a network does not fit. */
function largestPopulation({ populations }: Network): string {
  return populations.reduce((largest, each) => (each.size > largest.size ? each : largest)).name;
}

/** One check per population; what several populations share is said once. */
function targetWarnings(experiment: Experiment, locate: Locate): Problem[] {
  const found = new Map<string, Problem>();
  for (const [population, target] of calibrationTargets(experiment) ?? []) {
    const path = (name: keyof CalibrationTarget): Path => targetPath(experiment, population, name);
    for (const { parameter, message } of checkTarget(target, (name) => locate(path(name)))) {
      if (!found.has(message)) found.set(message, { path: path(parameter), at: "value", message });
    }
  }
  return [...found.values()];
}

/** Where the experiment says a parameter of a population's target. */
function targetPath(experiment: Experiment, population: string, name: keyof CalibrationTarget): Path {
  const file = experiment.network.populations[population];
  const own = (key: string): Path => ["network", "populations", population, key];
  switch (name) {
    case "leak":
    case "threshold":
    case "synapseGm":
    case "synapseDacBias":
    case "residual":
      return ["chip", "target", name];
    case "tauSynExc":
      return own("tauSyn");
    case "tauSynInh":
      return own(file?.tauSynInh === undefined ? "tauSyn" : "tauSynInh");
    default:
      return own(name);
  }
}

function recordingWarnings(experiment: Experiment, { duration }: Network, loss: Loss): Problem[] {
  const { chip } = experiment;
  if (chip.kind === "software" || loss.voltages.kind === "none") return [];
  const path = ["chip", "cadc"];
  const longest = CADC_SRAM_SAMPLES * CADC_SRAM_PERIOD_US;
  if (chip.cadc === "sram" && duration > longest) {
    const message = `membranes are recorded for ${formatTime(longest)} of ${formatTime(duration)}`;
    return [{ path, at: "value", message, hint: "`cadc: dram` records longer, every 6 us" }];
  }
  if (chip.cadc === "dram" && duration < 4 * CADC_DRAM_PERIOD_US) {
    const samples = Math.floor(duration / CADC_DRAM_PERIOD_US);
    const message = `only ${samples} membrane samples fit into ${formatTime(duration)}`;
    return [{ path, at: "value", message, hint: "`cadc: sram` samples every 1.7 us" }];
  }
  return [];
}
