/**
 * Every magnitude by which the simulated instance differs from an ideal chip, as a named option with unit,
 * default and source. Two groups: static deviations, drawn or fixed once per chip and scaled by `mismatch`;
 * temporal noise, scaled by `noise`. With both factors at 0 nothing of this file is left.
 *
 * Brackets name the source in short, docs/hardware.md in full; "assumed" means that no number was found. LSB: of the
 * CADC unless said. Spreads of potentials are standard deviations; spreads of factors are standard deviations
 * of the natural logarithm.
 */

import { type Static, type TNumber, Type } from "@sinclair/typebox";

/** Far beyond every chip; potentials and times of this size are still numbers that the kernel can hold. */
const LARGEST = 1e4;

function magnitude(defaultValue: number, description: string, maximum = LARGEST): TNumber {
  return Type.Number({ default: defaultValue, minimum: 0, maximum, description });
}

/** Of the logarithm of a factor: with 2, one neuron in six has more than seven times the nominal value. */
const LARGEST_SPREAD = 2;

function spread(defaultValue: number, description: string): TNumber {
  return magnitude(defaultValue, description, LARGEST_SPREAD);
}

/** Scaled by `mismatch`. */
export const STATIC_EFFECTS = {
  leakSpreadLsb: magnitude(11.4, "leak potential at equal code, neurons of a quadrant [real chip]"),
  leakQuadrantSpreadLsb: magnitude(6, "leak potential, between quadrants [real chip]"),
  resetSpreadLsb: magnitude(12, "reset potential at equal code, neurons of a quadrant [real chip]"),
  resetQuadrantSpreadLsb: magnitude(8, "reset potential, between quadrants [real chip]"),
  thresholdSpreadLsb: magnitude(5.9, "threshold at equal code, neurons of a quadrant [real chip]"),
  thresholdQuadrantSpreadLsb: magnitude(4, "threshold, between quadrants [real chip]"),
  leakBiasShiftLsb: magnitude(2, "leak potential per e-fold of the leak bias, over neurons [assumed]"),
  tauMemSpread: spread(0.09, "membrane time constant at equal code, neurons of a quadrant [real chip]"),
  tauMemQuadrantSpread: spread(0.04, "membrane time constant, between quadrants [real chip]"),
  parasiticSpread: spread(0.1, "parasitic capacitance of 6.3 capacitance LSB [assumed]"),
  tauSynExcSpread: spread(0.22, "excitatory time constant at equal code, neurons [real chip]"),
  tauSynInhSpread: spread(0.2, "inhibitory time constant at equal code, neurons [real chip]"),
  tauSynQuadrantSpread: spread(0.17, "synaptic time constants, between quadrants, both signs [real chip]"),
  strengthSignSpread: spread(0.043, "synaptic strength at equal code per neuron and sign [real chip]"),
  strengthNeuronSpread: spread(0.032, "synaptic strength per neuron, both signs [real chip]"),
  strengthQuadrantSpread: spread(0.25, "synaptic strength between quadrants, both signs [real chip]"),
  synapseShiftSpreadCodes: magnitude(110, "code at which the synaptic input has no offset [real chip]"),
  synapseShiftLsb: magnitude(0.1, "leak shift per code off, at tau 10 us, gm 500 [assumed]"),
  saturationExcWeight: magnitude(1200, "summed weight at DAC 600 where the exc. input saturates [fitted]"),
  saturationInhWeight: magnitude(
    150,
    "summed weight at DAC 600 where the inh. input saturates [fitted: real network, transfer; agrees with demos ts_06]",
  ),
  weightSpread: spread(0.045, "strength of single synapses [demos ts_06]"),
  weightNonlinearityLsb: magnitude(0.5, "rms error of the 6-bit weight converter in weight LSB [assumed]"),
  driverSpread: spread(
    0.02,
    "pulse of a synapse driver [small without short-term plasticity: calix; size assumed]",
  ),
  rowSpread: spread(0.04, "pulse of the two rows of a driver [calix tests, real network]"),
  dacBiasSpread: spread(0.03, "synapse DAC current between quadrants [real chip]"),
  offsetCurrentSpread: spread(0.1, "gain of the membrane offset current [assumed]"),
  deadFraction: magnitude(0.002, "neurons that are stuck [assumed]", 1),
  capmemErrorCodes: magnitude(0.5, "error of each stored code [assumed]"),
  capmemCrosstalkCodes: magnitude(3, "largest error where many cells hold the same code [assumed]"),
  railLowLsb: magnitude(25, "lowest membrane potential [hxtorch tests]"),
  railHighLsb: magnitude(228, "highest membrane potential [hxtorch tests]"),
  cadcOffsetSpreadLsb: magnitude(9.95, "offset of CADC channels [real chip]"),
  cadcGainSpread: spread(0.01, "gain of CADC channels [assumed]"),
  cadcSlopeSpread: spread(0.044, "CADC ramp slope between quadrants [real chip]"),
  cadcRampOffsetSpreadCodes: magnitude(7, "CADC ramp offset between quadrants [real chip]"),
  cadcBowLsb: magnitude(0.5, "CADC non-linearity, largest deviation [assumed]"),
  cadcTopCompression: magnitude(0.1, "slope that the CADC loses above 220 LSB [assumed]", 1),
  madcGainSpread: spread(0.02, "gain of the MADC [assumed]"),
  madcOffsetSpreadLsb: magnitude(10, "offset of the MADC in its LSB [assumed]"),
  spikeLatencyNs: magnitude(80, "time stamp after the threshold crossing [jaxsnn]"),
} as const;

/** Scaled by `noise`. */
export const NOISE_EFFECTS = {
  membraneNoiseLsb: magnitude(
    0.3,
    "stationary sd of the membrane at tau 6 us, gm 500, correlated over tau_mem [MADC traces, by eye]",
  ),
  membraneNoiseInputShare: magnitude(
    0.5,
    "share of the synaptic inputs in the power of that noise; grows with gm and tau_mem [existence calix, size assumed]",
    1,
  ),
  cadcNoiseLsb: magnitude(0.7, "sd of one CADC read [split of a sourced total]"),
  madcNoiseLsb: magnitude(1.2, "sd of one MADC read in its LSB [calix characterisation]"),
  runLeakLsb: magnitude(0.4, "leak from run to run, per neuron [real network]"),
  runThresholdLsb: magnitude(0.5, "threshold from run to run, per neuron [real network]"),
  reprogramLeakLsb: magnitude(
    0,
    "leak, anew whenever neurons get other words, per neuron; published 0.9 [demos figure, by eye]",
  ),
  driftLeakLsb: magnitude(0, "leak, slowly over some 1000 runs, per neuron [option, not published]"),
  driftThresholdLsb: magnitude(0, "threshold, likewise [option, not published]"),
  runStrengthSpread: spread(0.0075, "strength from run to run, per neuron [real network]"),
  eventStrengthSpread: spread(0.02, "amplitude of single events [assumed]"),
  spikeJitterNs: magnitude(10, "time stamps beyond membrane noise [assumed]"),
  inputLoss: magnitude(0.0025, "probability that an event is lost on its way in [within test bounds]", 1),
  outputLoss: magnitude(0.0025, "probability that a spike is lost on its way out [within test bounds]", 1),
  cadcJitterNs: magnitude(50, "largest shift of single CADC samples [assumed]"),
  cadcPhasePeriods: magnitude(1, "unknown start of a CADC recording, uniform in so many periods", 1),
} as const;

export const EFFECTS = { ...STATIC_EFFECTS, ...NOISE_EFFECTS } as const;

export type Effects = { readonly [Name in keyof typeof EFFECTS]: Static<(typeof EFFECTS)[Name]> };

/** The defaults with the given ones in their place. */
export function effectsWith(given: Partial<Effects>): Effects {
  const all: Record<string, number> = {};
  for (const [name, schema] of Object.entries(EFFECTS)) {
    all[name] = given[name as keyof Effects] ?? (schema.default as number);
  }
  return all as Effects;
}
