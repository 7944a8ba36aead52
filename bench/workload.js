/**
 * What is measured: the Yin-Yang experiment as it stands in experiments/, with what a benchmark changes of it.
 * Everything is seeded; spikes per sample are counted and stand beside the figures.
 */

import { fileURLToPath } from "node:url";
import {
  chipCalibrations,
  createKernel,
  failedCircuits,
  initialWeights,
  loadExperiment,
  mapNetwork,
  networkOf,
  placeNetwork,
  prepareRun,
  simulated,
} from "../dist/bench/parts.js";

/** First weights with which 120 hidden neurons send about 100 spikes per sample, whatever the experiment's are. */
export const HUNDRED_SPIKES = ["network.projections.input>hidden.init={ mean: 0.8, std: 1.0 }"];
/** And with which they send about 70. */
export const SEVENTY_SPIKES = ["network.projections.input>hidden.init={ mean: 0.5, std: 1.2 }"];
/** On a real chip: emulation of one sample, and of an epoch of 5000 of them. */
export const CHIP_SAMPLE_US = 38;
export const CHIP_EPOCH_S = 0.19;

export function experimentFile(name) {
  return fileURLToPath(new URL(`../experiments/${name}.yaml`, import.meta.url));
}

/** @param set overrides as on the command line */
export function loadBench(name, set = []) {
  return loadExperiment(experimentFile(name), { set });
}

const calibrations = new Map();

/** The config of a run; the chip is calibrated when nothing fits is stored, once. */
export async function planOf(experiment) {
  const key = JSON.stringify([experiment.network.populations, experiment.chip]);
  if (!calibrations.has(key)) calibrations.set(key, await chipCalibrations(experiment, () => {}));
  return { experiment, calibrations: calibrations.get(key) };
}

/** All circuits count as good, so that a network can fill the chip; only its speed is of interest. */
export function useAllCircuits(config) {
  const all = [...config.calibrations].map(([name, calibration]) => [
    name,
    { ...calibration, success: new Uint8Array(calibration.success.length).fill(1) },
  ]);
  return { ...config, calibrations: new Map(all) };
}

/**
 * A simulated chip with the experiment's network on it, first weights programmed, and its training samples.
 *
 * @param kernelOf wraps the membrane kernel, e.g. to listen to it
 */
export async function openLab({ experiment, calibrations }, kernelOf = (kernel) => kernel) {
  const { inputs, splits } = prepareRun({ experiment, calibrations });
  const network = networkOf(experiment, inputs);
  const placement = placeNetwork(network, { exclude: failedCircuits(calibrations.values()) });
  const { copies, constants, cadc } = experiment.chip;
  const mapped = mapNetwork(network, placement, calibrations, { copies, constants });
  const chip = simulated.create({ ...experiment.chip, noiseSeed: experiment.seed }, kernelOf(createKernel()));
  await mapped.configureAll(chip);
  const weights = initialWeights(experiment, network);
  mapped.writeWeights(weights);
  await mapped.configureWeights(chip);
  const keep = mapped.circuits(
    network.populations.filter(({ model }) => !model.spikes).map(({ name }) => name),
  );
  return {
    chip,
    mapped,
    weights,
    samples: splits[0].inputs,
    options: { spikes: true, cadc: { memory: cadc, recordedNeurons: keep } },
  };
}

/** Samples from … to − 1 of `all`. */
export function slice(all, from, to) {
  const begin = all.offset[from];
  const end = all.offset[to];
  return {
    samples: to - from,
    offset: all.offset.slice(from, to + 1).map((at) => at - begin),
    time: all.time.slice(begin, end),
    source: all.source.slice(begin, end),
    id: all.id.slice(from, to),
  };
}
