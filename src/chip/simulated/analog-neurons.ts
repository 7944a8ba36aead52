/**
 * What the words make of the neurons of one instance: laws × fixed pattern × stored codes → the parameters of the
 * membrane equation. First stage of the simulated chip after the words; its arrays feed the kernel.
 *
 * Constant currents (offsets of the synaptic inputs, the offset source) are folded into the resting potential:
 * V_L = V_leak + τ_m (I_exc − I_inh + I_offset). Only neurons that are asked for are computed, and only once per
 * change of their words.
 *
 * One module, though long: the parameters of one neuron follow from each other, in this order. The analog memory that
 * holds the codes stands at the end.
 */

import { quadrantOf } from "../coordinates.ts";
import { type Couplings, couplingsOf } from "../couplings.ts";
import { CAPMEM_MAX, NEURONS, QUADRANTS } from "../limits.ts";
import {
  ADAPT_A_PER_CODE,
  ADAPT_B_PER_CODE,
  adaptationTimeConstant,
  EXP_NOMINAL_BIAS,
  EXP_SLOPE,
  FULL_CAPACITANCE,
  LEAK_TRANSFER,
  membraneTimeConstant,
  NOMINAL_DAC_BIAS,
  NOMINAL_GM,
  NOMINAL_LEAK_BIAS,
  OFFSET_CURRENT_PER_CODE,
  potential,
  RESET_TRANSFER,
  refractoryClockPeriod,
  resetCycles,
  SHIFT_TAU,
  STRENGTH_PER_DAC,
  synapticTimeConstant,
  THRESHOLD_TRANSFER,
} from "../nominal.ts";
import type { NeuronWords, QuadrantWords } from "../types.ts";
import type { Effects } from "./effects.ts";
import { drawNeuronPattern, type NeuronPattern } from "./mismatch.ts";

/** Parameters by neuron id (512); an entry is valid after `refresh` of its neuron. */
export interface NeuronParameters {
  readonly leak: Float64Array;
  readonly reset: Float64Array;
  /** Infinity while spiking is off. */
  readonly threshold: Float64Array;
  readonly tauMem: Float64Array;
  readonly tauSynExc: Float64Array;
  readonly tauSynInh: Float64Array;
  /** How long a spike holds the membrane at its reset; that it fires only after the hold-off is not modeled. */
  readonly refractory: Float64Array;
  /** Jump of the synaptic current per weight unit of an ideal synapse, LSB/µs; 0 while the input is off. */
  readonly strengthExc: Float64Array;
  readonly strengthInh: Float64Array;
  /** The same regardless of the switches: what a synaptic line carries. */
  readonly lineExc: Float64Array;
  readonly lineInh: Float64Array;
  /** LSB/µs; Infinity: linear. */
  readonly saturationExc: Float64Array;
  readonly saturationInh: Float64Array;
  /**
   * Jump of the synaptic current that an event on this circuit (512) causes, as a factor on the strength of the membrane
   * that it belongs to; 1 for a circuit that is not coupled.
   */
  readonly gainExc: Float64Array;
  readonly gainInh: Float64Array;
  /** AdEx terms as in KernelAdex. */
  readonly expSlope: Float64Array;
  readonly expThreshold: Float64Array;
  readonly adaptTau: Float64Array;
  readonly adaptA: Float64Array;
  readonly adaptB: Float64Array;
  readonly adaptLeak: Float64Array;
}

export interface AnalogNeurons {
  readonly pattern: NeuronPattern;
  readonly parameters: NeuronParameters;
  /** Takes words by reference; all neurons become stale. */
  setWords(
    neurons: NeuronWords,
    quadrants: QuadrantWords,
    refractoryClocks: Uint8Array,
    couplings: Uint8Array,
  ): void;
  /** Brings the parameters of one neuron up to date: those of a whole membrane at its first circuit. */
  refresh(neuron: number): void;
}

/** @param dacBias factor of the DAC bias current per quadrant */
export function createAnalogNeurons(
  seed: number,
  effects: Effects,
  mismatch: number,
  dacBias: Float64Array,
): AnalogNeurons {
  const pattern = drawNeuronPattern(seed, effects, mismatch);
  const capmem: Capmem = createCapmem(
    seed,
    mismatch * effects.capmemErrorCodes,
    mismatch * effects.capmemCrosstalkCodes,
  );
  const parameters = emptyParameters();
  const fresh = new Uint8Array(NEURONS);
  let words: NeuronWords | undefined;
  let quadrants: QuadrantWords | undefined;
  /** µs, of the slow and the fast clock. */
  let clockPeriods: readonly number[] = [];
  let coupled: Couplings = couplingsOf(new Uint8Array(NEURONS));
  /** Of each circuit on its own: capacitance in LSB, leak potential without currents, constant current in LSB/µs. */
  const capacity = new Float64Array(NEURONS);
  const leakPotential = new Float64Array(NEURONS);
  const constantCurrent = new Float64Array(NEURONS);

  const compute = (n: number): void => {
    if (words === undefined || quadrants === undefined) throw new Error("neurons used before their words");
    const p = parameters;
    const code = capmem.code;
    const quadrant = quadrantOf(n);
    const alive = pattern.dead[n] === 0;
    /** Currents act on the total capacitance. */
    capacity[n] = words.capacitance[n]! + pattern.parasitic[n]!;
    const lightness = FULL_CAPACITANCE / capacity[n]!;

    const leakBias = code("leakBias", n);
    const tauMem =
      (membraneTimeConstant(leakBias, words.leakDivide[n] === 1, words.leakMultiply[n] === 1) *
        pattern.tauMem[n]!) /
      lightness;
    p.tauMem[n] = tauMem;
    const slowExc = words.synExcHighResistance[n] === 1;
    const slowInh = words.synInhHighResistance[n] === 1;
    p.tauSynExc[n] = synapticTimeConstant("exc", code("synExcTau", n), slowExc) * pattern.tauSynExc[n]!;
    p.tauSynInh[n] = synapticTimeConstant("inh", code("synInhTau", n), slowInh) * pattern.tauSynInh[n]!;

    const excOn = words.synExcOn[n] === 1;
    const inhOn = words.synInhOn[n] === 1;
    const gmExc = (code("synExcGm", n) / NOMINAL_GM) * lightness;
    const gmInh = (code("synInhGm", n) / NOMINAL_GM) * lightness;
    const dac = quadrants.synapseDacBias[quadrant]! * dacBias[quadrant]!;
    p.lineExc[n] = STRENGTH_PER_DAC * dac * gmExc * pattern.strengthExc[n]!;
    p.lineInh[n] = STRENGTH_PER_DAC * dac * gmInh * pattern.strengthInh[n]!;
    p.strengthExc[n] = alive && excOn ? p.lineExc[n]! : 0;
    p.strengthInh[n] = alive && inhOn ? p.lineInh[n]! : 0;
    const saturation = STRENGTH_PER_DAC * NOMINAL_DAC_BIAS;
    p.saturationExc[n] =
      mismatch === 0
        ? Number.POSITIVE_INFINITY
        : (saturation * effects.saturationExcWeight * gmExc) / mismatch;
    p.saturationInh[n] =
      mismatch === 0
        ? Number.POSITIVE_INFINITY
        : (saturation * effects.saturationInhWeight * gmInh) / mismatch;

    const perCode = effects.synapseShiftLsb / SHIFT_TAU;
    // A larger code is less current of either input: the excitatory one lowers the membrane, the inhibitory one lifts it.
    const offsetExc = perCode * gmExc * (pattern.shiftExc[n]! - code("synExcShift", n));
    const offsetInh = perCode * gmInh * (pattern.shiftInh[n]! - code("synInhShift", n));
    const source =
      OFFSET_CURRENT_PER_CODE *
      code("offsetCurrent", n) *
      pattern.offsetCurrent[n]! *
      lightness *
      words.offsetCurrentOn[n]!;
    const biasShift = pattern.leakBiasShift[n]! * Math.log(Math.max(leakBias, 1) / NOMINAL_LEAK_BIAS);
    const current =
      (excOn ? limited(offsetExc, p.saturationExc[n]!) : 0) -
      (inhOn ? limited(offsetInh, p.saturationInh[n]!) : 0) +
      source;
    leakPotential[n] = potential(LEAK_TRANSFER, code("leak", n)) + pattern.leak[n]! + biasShift;
    constantCurrent[n] = current;
    p.leak[n] = alive ? leakPotential[n]! + tauMem * current : pattern.stuckAt[n]!;
    p.reset[n] = potential(RESET_TRANSFER, code("reset", n)) + pattern.reset[n]!;
    p.threshold[n] =
      alive && words.thresholdOn[n] === 1
        ? potential(THRESHOLD_TRANSFER, code("threshold", n)) + pattern.threshold[n]!
        : Number.POSITIVE_INFINITY;
    const cycles = resetCycles(words.refractoryCounter[n]!, words.holdOff[n]!);
    p.refractory[n] = cycles * clockPeriods[words.refractoryClock[n]!]!;
    p.gainExc[n] = 1;
    p.gainInh[n] = 1;
    computeAdex(p, words, n);
  };

  /**
   * Turns the parameters of the circuits first … end − 1, each on its own, into those of the membrane that they share.
   * Capacitances and conductances add up, and every current acts on their sum. The kernel has one current of each sign
   * per membrane, which decays with the mean of the circuits' time constants (weighted by their strengths); the jump of
   * each circuit is scaled so that its charge stays what it is. So time courses that differ by the few per cent that a
   * calibration leaves are taken as equal.
   */
  const couple = (first: number, end: number): void => {
    const p = parameters;
    const circuits = Array.from({ length: end - first }, (_, k) => first + k);
    const sum = (value: (n: number) => number): number => circuits.reduce((all, n) => all + value(n), 0);
    const capacitance = sum((n) => capacity[n]!);
    const conductance = sum((n) => capacity[n]! / p.tauMem[n]!);
    const leak =
      sum((n) => capacity[n]! * (leakPotential[n]! / p.tauMem[n]! + constantCurrent[n]!)) / conductance;
    const share = (n: number): number => capacity[n]! / capacitance;
    for (const { strength, tau, gain, line, saturation } of [
      {
        strength: p.strengthExc,
        tau: p.tauSynExc,
        gain: p.gainExc,
        line: p.lineExc,
        saturation: p.saturationExc,
      },
      {
        strength: p.strengthInh,
        tau: p.tauSynInh,
        gain: p.gainInh,
        line: p.lineInh,
        saturation: p.saturationInh,
      },
    ]) {
      const weight = circuits.some((n) => strength[n]! > 0) ? strength : line;
      const total = sum((n) => share(n) * weight[n]!);
      const mean = sum((n) => share(n) * weight[n]! * tau[n]!) / total;
      const charge = sum((n) => (share(n) * strength[n]! * tau[n]!) / mean) / circuits.length;
      const limit = sum((n) => share(n) * saturation[n]!);
      for (const n of circuits)
        gain[n] = charge === 0 ? 1 : (share(n) * strength[n]! * tau[n]!) / (mean * charge);
      strength[first] = charge;
      tau[first] = mean;
      saturation[first] = limit;
    }
    const stuck = circuits.find((n) => pattern.dead[n] === 1);
    p.tauMem[first] = capacitance / conductance;
    p.leak[first] = stuck === undefined ? leak : pattern.stuckAt[stuck]!;
    if (stuck === undefined) return;
    p.threshold[first] = Number.POSITIVE_INFINITY;
    p.strengthExc[first] = p.strengthInh[first] = 0;
  };

  return {
    pattern,
    parameters,
    setWords(newNeurons, newQuadrants, refractoryClocks, couplings) {
      words = newNeurons;
      quadrants = newQuadrants;
      clockPeriods = Array.from(refractoryClocks, refractoryClockPeriod);
      coupled = couplingsOf(couplings);
      capmem.write(newNeurons);
      fresh.fill(0);
    },
    refresh(neuron) {
      const first = coupled.first[neuron]!;
      if (fresh[first] === 1) return;
      const end = first + coupled.size[first]!;
      for (let circuit = first; circuit < end; circuit++) compute(circuit);
      if (end > first + 1) couple(first, end);
      fresh[first] = 1;
    },
  };
}

/**
 * The offset leaves the synaptic input through the same saturating stage as events do: linear up to S/2, flat
 * from 3S/2 on, a parabola between; odd. The kernel has the same shape for currents of events.
 */
function limited(current: number, saturation: number): number {
  const over = Math.abs(current) - saturation / 2;
  if (over <= 0) return current;
  const bent = Math.min(over, saturation);
  return Math.sign(current) * (saturation / 2 + bent - (bent * bent) / (2 * saturation));
}

function computeAdex(p: NeuronParameters, words: NeuronWords, n: number): void {
  const exponential = words.exponentialOn[n] === 1;
  const slope = exponential ? EXP_SLOPE : 0;
  const bias = Math.max(1, words.expBias[n]!);
  p.expSlope[n] = slope;
  p.expThreshold[n] =
    potential(THRESHOLD_TRANSFER, words.expThreshold[n]!) - slope * Math.log(bias / EXP_NOMINAL_BIAS);
  const adaptation = words.adaptationOn[n]!;
  p.adaptTau[n] = adaptationTimeConstant(words.adaptTau[n]!);
  p.adaptA[n] = ADAPT_A_PER_CODE * words.adaptA[n]! * adaptation;
  p.adaptB[n] = ADAPT_B_PER_CODE * words.adaptB[n]! * adaptation;
  p.adaptLeak[n] = potential(LEAK_TRANSFER, words.adaptLeak[n]!);
}

function emptyParameters(): NeuronParameters {
  const values = (): Float64Array => new Float64Array(NEURONS);
  return {
    leak: values(),
    reset: values(),
    threshold: values(),
    tauMem: values(),
    tauSynExc: values(),
    tauSynInh: values(),
    refractory: values(),
    strengthExc: values(),
    strengthInh: values(),
    lineExc: values(),
    lineInh: values(),
    saturationExc: values(),
    saturationInh: values(),
    expSlope: values(),
    expThreshold: values(),
    gainExc: values(),
    gainInh: values(),
    adaptTau: values(),
    adaptA: values(),
    adaptB: values(),
    adaptLeak: values(),
  };
}

// The analog memory -----------------------------------------------------------------------------------------

// The analog memory that holds the neurons' words: a stored code is a little off, always by the same amount for
// the same cell and code, and further off where more than half of a block's 128 cells of one word hold the same
// code (crosstalk; calix dithers codes for this reason). Magnitudes are assumed (docs/hardware.md).
//
// Errors are hashes of (seed, word, neuron, code), not draws of a stream: a write must not depend on how often
// somebody else wrote before.

/** Words whose errors matter for the membrane. */
const ANALOG_WORDS = [
  "leak",
  "reset",
  "threshold",
  "leakBias",
  "synExcTau",
  "synInhTau",
  "synExcGm",
  "synInhGm",
  "synExcShift",
  "synInhShift",
  "offsetCurrent",
] as const satisfies readonly (keyof NeuronWords)[];

export type AnalogWord = (typeof ANALOG_WORDS)[number];

const SALT = Object.fromEntries(ANALOG_WORDS.map((word, i) => [word, i])) as Readonly<
  Record<AnalogWord, number>
>;

/** Cells of a block with one code from which crosstalk appears. */
const CROWD = 64;

export interface Capmem {
  /** Takes the words of all neurons; they are kept by reference. */
  write(words: NeuronWords): void;
  /** The code that a cell effectively holds. */
  code(word: AnalogWord, neuron: number): number;
}

/**
 * @param errorCodes sd of a cell's error in codes
 * @param crosstalkCodes largest error of a cell in a crowd, in codes
 */
export function createCapmem(seed: number, errorCodes: number, crosstalkCodes: number): Capmem {
  const size = CAPMEM_MAX + 1;
  const holders = new Uint8Array(ANALOG_WORDS.length * QUADRANTS * size);
  const quadrant = Uint8Array.from({ length: NEURONS }, (_, neuron) => quadrantOf(neuron));
  let stored: NeuronWords | undefined;

  return {
    write(words) {
      stored = words;
      if (crosstalkCodes === 0) return;
      holders.fill(0);
      ANALOG_WORDS.forEach((word, i) => {
        const codes = words[word];
        const base = i * QUADRANTS * size;
        for (let n = 0; n < NEURONS; n++) {
          holders[base + quadrant[n]! * size + codes[n]!]!++;
        }
      });
    },
    code(word, neuron) {
      if (stored === undefined) throw new Error("capmem read before it was written");
      const code = stored[word][neuron]!;
      const salt = SALT[word];
      let error = 0;
      if (errorCodes > 0) error += errorCodes * hashedNormal(seed, salt * NEURONS + neuron, code);
      const cell = (salt * QUADRANTS + quadrant[neuron]!) * size + code;
      if (crosstalkCodes > 0 && holders[cell]! > CROWD) {
        error += crosstalkCodes * (2 * hashedUniform(seed, salt * NEURONS + neuron) - 1);
      }
      return Math.max(0, code + error);
    },
  };
}

/** Finaliser of MurmurHash3 (Appleby, public domain): every bit of the input moves every bit of the output. */
function mix(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function hashedUniform(seed: number, cell: number): number {
  return mix(mix(seed ^ 0x5bd1e995) ^ cell) / 2 ** 32;
}

/** Sum of four 16-bit uniforms, scaled to variance 1: near enough to normal for an assumed error. */
function hashedNormal(seed: number, cell: number, code: number): number {
  const first = mix(mix(mix(seed) ^ cell) ^ Math.imul(code + 1, 0x9e3779b9));
  const second = mix(first ^ 0x6c078965);
  const sum = (first & 0xffff) + (first >>> 16) + (second & 0xffff) + (second >>> 16);
  return ((sum + 2) / 65536 - 2) * Math.sqrt(3);
}
