/**
 * From the words of an experiment to the network, and what a chip must be told about it.
 */

import { DEFAULT_TARGET } from "../calibration/target.ts";
import type { CalibrationTarget } from "../calibration/types.ts";
import type { PlacementOptions } from "../mapping/placement.ts";
import { buildNetwork, type DelaySpec, type Network, type PopulationSpec } from "../network/network.ts";
import { EXTRA_NAMES } from "../neuron/constants.ts";
import type { PopulationFile } from "./models.ts";
import type { Experiment } from "./schema.ts";

/** `from` and `to` of a projection's key, `"input>hidden"`. */
export function projectionEnds(key: string): readonly [from: string, to: string] {
  const [from = "", to = ""] = key.split(">");
  return [from, to];
}

/** The network with its nominal constants; `inputs` is what the encoder makes of the data. */
export function networkOf(experiment: Pick<Experiment, "network">, inputs: number): Network {
  const { populations, projections, duration } = experiment.network;
  const populationSpecs = Object.entries(populations).map(([name, file]) => populationSpec(name, file));
  const projectionSpecs = Object.entries(projections).map(([key, { rows, delay }]) => {
    const [from, to] = projectionEnds(key);
    return { from, to, rows, ...(delay === undefined ? {} : delaySpec(delay)) };
  });
  return buildNetwork(inputs, populationSpecs, projectionSpecs, duration);
}

function populationSpec(name: string, file: PopulationFile): PopulationSpec {
  const { model, size, tauMem, tauSyn, tauSynInh = tauSyn } = file;
  const { threshold, reset, refractory } = "threshold" in file ? file : UNUSED;
  const extra = Object.fromEntries(
    EXTRA_NAMES.filter((constant) => constant in file).map((constant) => [
      constant,
      (file as unknown as Record<string, number>)[constant]!,
    ]),
  );
  const trainable = Object.entries(file.trainable ?? {}).map(([key, { min, max, per, learningRate }]) => {
    const constant = key === "tauSyn" && file.tauSynInh !== undefined ? "tauSynExc" : key;
    return { name: constant, per, low: min, high: max, learningRate };
  });
  return {
    name,
    model,
    size,
    tauMem,
    tauSynExc: tauSyn,
    tauSynInh,
    threshold,
    reset,
    refractory,
    extra,
    trainable,
  };
}

function delaySpec(delay: NonNullable<ProjectionFile["delay"]>): { readonly delay?: DelaySpec } {
  const { kind, init, max, learnable, learningRate } = delay;
  if (kind === "none") return {};
  return { delay: { kind, initial: init, maximum: max, learningRate: learnable ? learningRate : 0 } };
}

/** What stands in these places for a neuron without threshold; the defaults of one that has it. */
const UNUSED = { threshold: 1, reset: 0, refractory: 1 };

type ProjectionFile = Experiment["network"]["projections"][string];

/** The halves of the chip, and the circuits of each neuron, that the experiment asks for. */
export function placementWishes(
  experiment: Pick<Experiment, "network">,
): Required<Pick<PlacementOptions, "constraints" | "circuits">> {
  const constraints: Record<string, number> = {};
  const wished: Record<string, number> = {};
  for (const [name, { hemisphere, circuits }] of Object.entries(experiment.network.populations)) {
    if (hemisphere !== undefined) constraints[name] = hemisphere === "top" ? 0 : 1;
    if (circuits !== undefined) wished[name] = circuits;
  }
  return { constraints, circuits: wished };
}

/**
 * What the circuits of each population are calibrated to; undefined in software. Model potential v stands at
 * leak + v · (threshold − leak) LSB, with leak and threshold from `chip.target`. Populations without threshold
 * take the spiking constants of the first that has one, so that one calibration serves both.
 */
export function calibrationTargets(
  experiment: Pick<Experiment, "network" | "chip">,
): ReadonlyMap<string, CalibrationTarget> | undefined {
  const { chip } = experiment;
  if (chip.kind === "software") return undefined;
  const { leak, threshold, synapseGm, synapseDacBias, residual } = chip.target;
  const potential = (v: number): number => leak + v * (threshold - leak);
  const files = Object.entries(experiment.network.populations);
  const spiking = files.map(([, file]) => file).find((file) => "threshold" in file) ?? UNUSED;
  const targets = new Map<string, CalibrationTarget>();
  for (const [name, file] of files) {
    const spec = populationSpec(name, file);
    const { threshold: crossing, reset, refractory } = "threshold" in file ? spec : spiking;
    const target = {
      leak,
      reset: potential(reset),
      threshold: potential(crossing),
      tauMem: spec.tauMem,
      tauSynExc: spec.tauSynExc,
      tauSynInh: spec.tauSynInh,
      refractory,
      synapseGm,
      synapseDacBias,
      residual,
    };
    // Further parameters of calibration, which no constant of a population sets, keep their defaults.
    const further = Object.entries(DEFAULT_TARGET).filter(([parameter]) => !(parameter in target));
    targets.set(name, { ...target, ...Object.fromEntries(further) } as CalibrationTarget);
  }
  return targets;
}
