/**
 * The simulated neurons as the kernel takes them: their analog parameters in this run, with what varies from run to run, and
 * the step of the kernel's grid. It knows which terms a neuron has, not which words caused them.
 */

import type { KernelNeurons } from "../kernel/kernel.ts";
import { COLUMNS, NEURONS } from "../limits.ts";
import type { NeuronParameters } from "./analog-neurons.ts";
import type { Effects } from "./effects.ts";
import { createEntryNoise } from "./noise.ts";

/** Potentials between which membranes move; ±∞ without mismatch, stretched for factors below 1. */
export interface Rails {
  readonly low: number;
  readonly high: number;
}

const MIDDLE = 128;

export function railsOf(effects: Effects, mismatch: number): Rails {
  if (mismatch === 0) return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  return {
    low: MIDDLE - (MIDDLE - effects.railLowLsb) / mismatch,
    high: MIDDLE + (effects.railHighLsb - MIDDLE) / mismatch,
  };
}

export interface RunVariation {
  readonly seed: number;
  readonly run: number;
  /** Digest of the neurons' words. */
  readonly program: number;
  /** Factor on all temporal noise. */
  readonly noise: number;
}

/** A neuron whose synaptic line is read while its input is off: the line moves, the membrane does not. */
export interface ProbedLine {
  readonly neuron: number;
  readonly sign: "exc" | "inh";
}

/** Neurons as their words make them, and in a run. `varyNeurons` rewrites what differs between runs in place. */
export interface SimulatedNeurons {
  readonly ids: Int32Array;
  readonly kernel: KernelNeurons;
  /** Without variation from run to run, by place. */
  readonly nominal: {
    readonly leak: Float64Array;
    readonly threshold: Float64Array;
    readonly strengthExc: Float64Array;
    readonly strengthInh: Float64Array;
  };
  /** Where the membranes rest before an entry: the leak, between the rails. */
  readonly rest: Float64Array;
  /** Jump per weight unit of each simulated neuron in this run, LSB/µs. */
  readonly strengthExc: Float64Array;
  readonly strengthInh: Float64Array;
}

/** A current so small that nothing passes a stage that saturates there, LSB/µs. */
const CLOSED = 1e-6;
/** What varies from run to run: leak, threshold, strength of every neuron of the chip. */
const VARIED = 3;
const draws = createEntryNoise();
const normals = new Float32Array(VARIED * NEURONS);
/** Slow drift is drawn at every so many runs, for leak and threshold, and runs smoothly in between. */
const DRIFT_RUNS = 1000;
const DRIFTING = 2;
const driftBefore = new Float32Array(DRIFTING * NEURONS);
const driftAfter = new Float32Array(DRIFTING * NEURONS);
const reprogrammed = new Float32Array(NEURONS);
/** Where the synaptic inputs make their share of the membrane noise. */
const NOMINAL_GM = 500;
const NOMINAL_TAU_MEM = 6;

/**
 * Stationary noise of a membrane, LSB. The leak's own noise does not depend on its conductance, as that of a resistor; the
 * noise currents of the synaptic inputs grow with their conductance and are integrated over τ_m.
 *
 * @param gm mean code of the two synaptic inputs, those that are off as 0; summed over coupled circuits
 */
export function membraneNoise(effects: Effects, tauMem: number, gm: number): number {
  const share = effects.membraneNoiseInputShare;
  const inputs = (gm / NOMINAL_GM) * (tauMem / NOMINAL_TAU_MEM);
  return effects.membraneNoiseLsb * Math.sqrt(1 - share + share * inputs);
}

/**
 * @param ids neurons to simulate, ascending, each the first circuit of its membrane; their parameters must be fresh
 * @param gmOf sum over the circuits of a neuron of the mean gm code of its synaptic inputs, those that are off as 0
 * @param noise factor on all temporal noise
 */
export function simulatedNeurons(
  ids: Int32Array,
  p: NeuronParameters,
  gmOf: (neuron: number) => number,
  effects: Effects,
  rails: Rails,
  noise: number,
  line: ProbedLine | undefined,
): SimulatedNeurons {
  const count = ids.length;
  const pick = (from: Float64Array): Float64Array => {
    const picked = new Float64Array(count);
    for (let i = 0; i < count; i++) picked[i] = from[ids[i]!]!;
    return picked;
  };
  const leak = pick(p.leak);
  const threshold = pick(p.threshold);
  const strengthExc = pick(p.strengthExc);
  const strengthInh = pick(p.strengthInh);
  const saturationExc = pick(p.saturationExc);
  const saturationInh = pick(p.saturationInh);

  if (line !== undefined) {
    const i = ids.indexOf(line.neuron);
    const exc = line.sign === "exc";
    const strength = exc ? strengthExc : strengthInh;
    if (strength[i] === 0) {
      strength[i] = (exc ? p.lineExc : p.lineInh)[line.neuron]!;
      (exc ? saturationExc : saturationInh)[i] = CLOSED;
    }
  }
  const adex = ids.some((n) => p.expSlope[n] !== 0 || p.adaptA[n] !== 0 || p.adaptB[n] !== 0);
  return {
    ids,
    nominal: { leak, threshold, strengthExc, strengthInh },
    rest: new Float64Array(count),
    strengthExc: new Float64Array(count),
    strengthInh: new Float64Array(count),
    kernel: {
      count,
      group: Uint8Array.from(ids, (n) => (n >= COLUMNS ? 1 : 0)),
      tauMem: pick(p.tauMem),
      tauSynExc: pick(p.tauSynExc),
      tauSynInh: pick(p.tauSynInh),
      leak: new Float64Array(count),
      threshold: new Float64Array(count),
      reset: pick(p.reset),
      refractory: pick(p.refractory),
      noise: Float64Array.from(
        ids,
        (neuron) => noise * membraneNoise(effects, p.tauMem[neuron]!, gmOf(neuron)),
      ),
      saturationExc,
      saturationInh,
      railLow: new Float64Array(count).fill(rails.low),
      railHigh: new Float64Array(count).fill(rails.high),
      ...(adex
        ? {
            adex: {
              expSlope: pick(p.expSlope),
              expThreshold: pick(p.expThreshold),
              adaptTau: pick(p.adaptTau),
              adaptA: pick(p.adaptA),
              adaptB: pick(p.adaptB),
              adaptLeak: pick(p.adaptLeak),
            },
          }
        : {}),
    },
  };
}

/** Puts the parameters of one run into `neurons`. */
export function varyNeurons(
  neurons: SimulatedNeurons,
  effects: Effects,
  rails: Rails,
  { seed, run, program, noise }: RunVariation,
): void {
  const { ids, nominal, rest, strengthExc, strengthInh } = neurons;
  const { leak: leaks, threshold: thresholds } = neurons.kernel;
  // Draw for every neuron id up to the last, simulated or not, so a neuron's noise does not depend on which others are simulated.
  draws.startRun(seed, run);
  draws.fillNormal(normals, ids.length === 0 ? 0 : VARIED * (ids[ids.length - 1]! + 1));
  const others = ids.length === 0 ? 0 : ids[ids.length - 1]! + 1;
  const reprogramSd = noise * effects.reprogramLeakLsb;
  if (reprogramSd > 0) {
    draws.startProgram(seed, program);
    draws.fillNormal(reprogrammed, others);
  }
  const driftLeakSd = noise * effects.driftLeakLsb;
  const driftThresholdSd = noise * effects.driftThresholdLsb;
  const drifts = driftLeakSd > 0 || driftThresholdSd > 0;
  const point = Math.floor(run / DRIFT_RUNS);
  if (drifts) {
    draws.startDrift(seed, point);
    draws.fillNormal(driftBefore, DRIFTING * others);
    draws.startDrift(seed, point + 1);
    draws.fillNormal(driftAfter, DRIFTING * others);
  }
  // Weights of both points, whose squares add up to 1 so that the spread is the same at all times.
  const phase = (Math.PI / 2) * (run / DRIFT_RUNS - point);
  const drift = (index: number): number =>
    drifts ? Math.cos(phase) * driftBefore[index]! + Math.sin(phase) * driftAfter[index]! : 0;
  const leakSd = noise * effects.runLeakLsb;
  const thresholdSd = noise * effects.runThresholdLsb;
  const strengthSd = noise * effects.runStrengthSpread;
  const { low, high } = rails;
  for (let i = 0; i < ids.length; i++) {
    const own = VARIED * ids[i]!;
    const slow = DRIFTING * ids[i]!;
    const shifted = reprogramSd > 0 ? reprogramSd * reprogrammed[ids[i]!]! : 0;
    const leak = nominal.leak[i]! + leakSd * normals[own]! + shifted + driftLeakSd * drift(slow);
    const factor = Math.exp(strengthSd * normals[own + 2]!);
    leaks[i] = leak;
    const threshold = nominal.threshold[i]! + thresholdSd * normals[own + 1]!;
    thresholds[i] = threshold + driftThresholdSd * drift(slow + 1);
    rest[i] = Math.min(high, Math.max(low, leak));
    strengthExc[i] = nominal.strengthExc[i]! * factor;
    strengthInh[i] = nominal.strengthInh[i]! * factor;
  }
}

// The step of the grid --------------------------------------------------------------------------------------

// The step of the kernel's grid for the neurons it holds. Propagators are exact and spikes are found inside steps, so
// it is bounded by what is approximated: the path within a step, by polynomials, and one spike per neuron and step.

/** Steps per shortest time constant: crossings are then good to some ps (bench: accuracy). */
const STEPS_PER_TAU = 6;
/** Time constants alone do not make it shorter than this, µs: single precision would cost more than it brings. */
const SHORTEST = 0.05;
/** Exponential and adaptive terms do not allow longer ones, µs. */
const WITH_ADEX = 0.25;
/** A refractory time outlasts its step by this factor. */
const REFRACTORY_MARGIN = 1.01;

/** @param longest what was asked for, µs */
export function kernelStep(neurons: KernelNeurons, longest: number): number {
  const { count, tauMem, tauSynExc, tauSynInh, threshold, refractory } = neurons;
  let shortestTau = Number.POSITIVE_INFINITY;
  let shortestHold = Number.POSITIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    shortestTau = Math.min(shortestTau, tauMem[i]!, tauSynExc[i]!, tauSynInh[i]!);
    if (threshold[i]! < Number.POSITIVE_INFINITY) shortestHold = Math.min(shortestHold, refractory[i]!);
  }
  const smooth = Math.max(SHORTEST, shortestTau / STEPS_PER_TAU);
  const terms = neurons.adex === undefined ? Number.POSITIVE_INFINITY : WITH_ADEX;
  return Math.min(longest, smooth, terms, shortestHold / REFRACTORY_MARGIN);
}
