/**
 * What a calibration is: the words that make all neurons of one chip behave like the target, what was
 * measured with these words, and which neurons failed. Plain data; files are made of it (calibration/store.ts).
 */

import type { NeuronWords, QuadrantWords } from "../chip/types.ts";
import type { Lsb, Microseconds } from "../core/units.ts";

/**
 * What every neuron of the chip shall become; accepted ranges in calibration/target.ts. These are the parameters that the
 * program itself works with. A further parameter adds its name to this interface and to `MeasuredNeurons` in its own file
 * (docs/extending.md).
 */
export interface CalibrationTarget {
  readonly leak: Lsb;
  readonly reset: Lsb;
  readonly threshold: Lsb;
  readonly tauMem: Microseconds;
  readonly tauSynExc: Microseconds;
  readonly tauSynInh: Microseconds;
  readonly refractory: Microseconds;
  /** Median bias code of the synaptic inputs; sets the strength together with the DAC bias. */
  readonly synapseGm: number;
  readonly synapseDacBias: number;
  /** Scatter that is left among the neurons, as a factor on what real calibrations leave; see calibrate.ts. */
  readonly residual: number;
}

export interface CalibratedWords {
  readonly neurons: NeuronWords;
  readonly quadrants: QuadrantWords;
  readonly cadcOffset: Int8Array;
  readonly refractoryClocks: Uint8Array;
}

/** Measured with the final words, one entry per neuron (512); NaN where a measurement failed. */
export interface MeasuredNeurons {
  /** As the causal CADC channel reads it, the channel used in experiments. */
  readonly leak: Float64Array;
  readonly reset: Float64Array;
  readonly threshold: Float64Array;
  readonly tauMem: Float64Array;
  readonly tauSynExc: Float64Array;
  readonly tauSynInh: Float64Array;
  readonly refractory: Float64Array;
  /** Jump of the synaptic current per weight unit and event, as seen by the membrane, LSB/µs. */
  readonly strengthExc: Float64Array;
  readonly strengthInh: Float64Array;
}

/** Spread of one parameter before (median code for all neurons) and after, for the quality table. */
export interface ParameterQuality {
  readonly parameter: string;
  readonly unit: string;
  readonly target: number;
  readonly tolerance: number;
  /** Trimmed standard deviations over neurons. */
  readonly before: number;
  readonly after: number;
  /** Neuron with the largest distance from the target, and that distance. */
  readonly worst: number;
  readonly worstError: number;
  readonly failed: readonly number[];
}

export interface Calibration {
  /** Since 2 the words of the v3 chip; since 3 synapses whose inhibition saturates at a weight of 150. */
  readonly format: 3;
  /** Version of this program that measured. */
  readonly software: string;
  /** ChipInfo.id. */
  readonly chip: string;
  readonly target: CalibrationTarget;
  readonly words: CalibratedWords;
  readonly measured: MeasuredNeurons;
  /** 1 where every parameter is within tolerance and no word that was searched lies on a bound of its range. */
  readonly success: Uint8Array;
  /** Medians over good neurons: current jump per weight unit, LSB/µs (exc and inh are matched). */
  readonly strength: number;
  /** Time stamp of a spike minus the model's time of the crossing. */
  readonly spikeLatency: Microseconds;
  /** True time of a CADC sample minus its nominal time, on average. */
  readonly cadcLag: Microseconds;
  readonly quality: readonly ParameterQuality[];
}
