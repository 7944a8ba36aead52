/**
 * The constants of neurons, one array entry per neuron. Times are in µs; potentials and currents are in model units
 * (leak 0, nominal threshold 1, a current is the potential that it would hold).
 */

/** The constants that every model has; those of a chip's neurons are measured by its calibration. */
export interface NeuronConstants {
  readonly tauMem: Float64Array;
  readonly tauSynExc: Float64Array;
  readonly tauSynInh: Float64Array;
  /** Infinity for neurons that never spike (LI). */
  readonly threshold: Float64Array;
  readonly reset: Float64Array;
  readonly refractory: Float64Array;
}

export type ConstantName = keyof NeuronConstants;
