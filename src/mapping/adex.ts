/**
 * Adaptation and the exponential current on a circuit: words from the constants of a model, and the constants that these
 * words stand for, both by the nominal laws (docs/hardware.md). In LSB above the leak the chip moves as
 *
 *     V̇ = −V/τ_m + (Δ/τ_m) e^{(V − V_T)/Δ} + I − w        τ_w ẇ = a' (V − V_w) − w
 *
 * with w in LSB/µs, which jumps by b' at a spike. The model's w is τ_m times that, so
 * a = τ_m a', and b = τ_m b'/unit. V_w is put at the circuit's leak. Nothing of this is calibrated, as on silicon, where
 * the public calibrations leave these words alone: the strength and time constant of each circuit are nominal, its
 * membrane time constant and leak are the measured ones. Δ has no word.
 */

import { CAPMEM_MAX } from "../chip/limits.ts";
import {
  ADAPT_A_PER_CODE,
  ADAPT_B_PER_CODE,
  adaptationCode,
  adaptationTimeConstant,
  EXP_NOMINAL_BIAS,
  EXP_SLOPE,
  LEAK_TRANSFER,
  potential,
  potentialCode,
  THRESHOLD_TRANSFER,
} from "../chip/nominal.ts";
import type { NeuronWords } from "../chip/types.ts";
import type { Network } from "../network/network.ts";

/** Names of the constants beyond those of LIF. */
export type ExtraName = keyof Network["extra"];

/** Those constants of one neuron. */
export type Extra = Readonly<Record<ExtraName, number>>;

/** What the laws need to know of a circuit. */
export interface CircuitScale {
  /** LSB. */
  readonly leak: number;
  /** LSB per model unit. */
  readonly unit: number;
  /** µs. */
  readonly tauMem: number;
}

/** The words that belong to these terms. */
export type AdexWords = Readonly<
  Record<
    keyof Pick<
      NeuronWords,
      | "exponentialOn"
      | "expThreshold"
      | "expBias"
      | "adaptationOn"
      | "adaptLeak"
      | "adaptTau"
      | "adaptA"
      | "adaptB"
    >,
    number
  >
>;

/** Words not rounded to codes, nor limited to them. */
function exactCodes(extra: Extra, { leak, unit, tauMem }: CircuitScale) {
  return {
    expThreshold:
      (leak + unit * extra.exponentialThreshold - potential(THRESHOLD_TRANSFER, 0)) /
      THRESHOLD_TRANSFER.slope,
    adaptA: extra.adaptation / tauMem / ADAPT_A_PER_CODE,
    adaptB: (extra.adaptationJump * unit) / tauMem / ADAPT_B_PER_CODE,
  };
}

const code = (value: number): number => Math.round(Math.min(CAPMEM_MAX, Math.max(0, value)));

/** The words of a circuit for a model with these constants. */
export function adexWords(extra: Extra, scale: CircuitScale): AdexWords {
  const exact = exactCodes(extra, scale);
  return {
    exponentialOn: extra.slopeFactor > 0 ? 1 : 0,
    expThreshold: code(exact.expThreshold),
    expBias: EXP_NOMINAL_BIAS,
    adaptationOn: extra.adaptation !== 0 || extra.adaptationJump !== 0 ? 1 : 0,
    adaptLeak: potentialCode(LEAK_TRANSFER, scale.leak),
    adaptTau: adaptationCode(extra.tauAdaptation),
    adaptA: code(exact.adaptA),
    adaptB: code(exact.adaptB),
  };
}

/** The constants that words stand for. */
export function adexConstants(words: AdexWords, extra: Extra, { leak, unit, tauMem }: CircuitScale): Extra {
  const on = words.adaptationOn;
  return {
    ...extra,
    adaptation: on * tauMem * ADAPT_A_PER_CODE * words.adaptA,
    adaptationJump: (on * tauMem * ADAPT_B_PER_CODE * words.adaptB) / unit,
    tauAdaptation: on === 1 ? adaptationTimeConstant(words.adaptTau) : extra.tauAdaptation,
    exponentialThreshold: (potential(THRESHOLD_TRANSFER, words.expThreshold) - leak) / unit,
    slopeFactor: words.exponentialOn === 1 ? EXP_SLOPE / unit : 0,
  };
}

/** By how much Δ may differ from the chip's, relative. */
const SLOPE_TOLERANCE = 0.05;

/** Why a circuit cannot have these constants, with the constant that it is about; undefined when it can. */
export function beyondCircuit(
  extra: Extra,
  scale: CircuitScale,
): { readonly constant: ExtraName; readonly message: string; readonly hint: string } | undefined {
  const { unit, tauMem } = scale;
  const exact = exactCodes(extra, scale);
  const short = (value: number): string => Number(value.toPrecision(3)).toString();
  if (extra.thresholdJump !== 0)
    return {
      constant: "thresholdJump",
      message: "the threshold of a circuit stays where it is",
      hint: "use the adaptation current, which a chip has",
    };
  if (extra.adaptation < 0 || exact.adaptA > CAPMEM_MAX)
    return {
      constant: "adaptation",
      message: `a circuit adapts by 0 to ${short(CAPMEM_MAX * ADAPT_A_PER_CODE * tauMem)} at this tauMem, not ${extra.adaptation}`,
      hint: "a longer tauMem makes it stronger",
    };
  if (extra.adaptationJump < 0 || exact.adaptB > CAPMEM_MAX)
    return {
      constant: "adaptationJump",
      message: `a spike adds 0 to ${short((CAPMEM_MAX * ADAPT_B_PER_CODE * tauMem) / unit)} on a circuit at this tauMem, not ${extra.adaptationJump}`,
      hint: "a longer tauMem, or a threshold nearer to the leak, makes it more",
    };
  const fastest = adaptationTimeConstant(CAPMEM_MAX);
  if ((extra.adaptation !== 0 || extra.adaptationJump !== 0) && extra.tauAdaptation < fastest)
    return {
      constant: "tauAdaptation",
      message: `adaptation of a circuit is not faster than ${short(fastest)} us`,
      hint: "choose a longer time constant",
    };
  const slope = EXP_SLOPE / unit;
  if (extra.slopeFactor > 0 && Math.abs(extra.slopeFactor - slope) > SLOPE_TOLERANCE * slope)
    return {
      constant: "slopeFactor",
      message: `the exponential current of a circuit has no word for its slope, which is ${short(slope)} in this target`,
      hint: `write ${short(slope)}, or 0 for no exponential current`,
    };
  if (extra.slopeFactor > 0 && (exact.expThreshold < 0 || exact.expThreshold > CAPMEM_MAX))
    return {
      constant: "exponentialThreshold",
      message: "no word puts the exponential current there",
      hint: "choose a threshold between leak and spike threshold",
    };
  return undefined;
}
