/**
 * The membrane kernel's seam: integrates all membranes of one batch entry with exact propagators on a time
 * grid cut at the input times, finds threshold crossings inside steps, routes spikes to further neurons and
 * samples membranes. Units: potentials in LSB (any unit works, the kernel is linear in it but for rails and
 * saturation), times in µs. It knows no chip words, labels or networks.
 *
 *     dV/dt = −(V − V_L)/τ_m + s_e(I_e) − s_i(I_i) + noise      dI/dt = −I/τ_s   (I ≥ 0, LSB/µs)
 *
 * One source (assembly/) in two builds: WebAssembly with SIMD instructions, and without for processors that lack them.
 * Both give the same bits.
 */

/** Analog state of the neurons that are simulated; arrays of `count` entries; sorted by group. */
export interface KernelNeurons {
  readonly count: number;
  /** Sampling group (hemisphere) of each neuron, 0 or 1, ascending. */
  readonly group: Uint8Array;
  readonly tauMem: Float64Array;
  readonly tauSynExc: Float64Array;
  readonly tauSynInh: Float64Array;
  /** Resting potential with all constant currents. */
  readonly leak: Float64Array;
  /** Infinity: never spikes. */
  readonly threshold: Float64Array;
  readonly reset: Float64Array;
  /** Larger than the step. */
  readonly refractory: Float64Array;
  /** Stationary standard deviation of the membrane noise (Ornstein–Uhlenbeck with τ_m). */
  readonly noise: Float64Array;
  /** Current at which the synaptic input saturates, LSB/µs; Infinity: linear. Shape: docs/hardware.md. */
  readonly saturationExc: Float64Array;
  readonly saturationInh: Float64Array;
  /** Limits of the membrane. */
  readonly railLow: Float64Array;
  readonly railHigh: Float64Array;
  /** Exponential and adaptation terms; absent when no neuron uses them. */
  readonly adex?: KernelAdex;
}

/**
 * dV/dt += (1/τ_m) Δ_T exp((V − V_T)/Δ_T) − w;  τ_w dw/dt = a (V − V_w) − w;  w += b at a spike
 * (w in LSB/µs, a in 1/µs). Neurons without a term have Δ_T = 0 or a = b = 0.
 */
export interface KernelAdex {
  readonly expSlope: Float64Array;
  readonly expThreshold: Float64Array;
  readonly adaptTau: Float64Array;
  readonly adaptA: Float64Array;
  readonly adaptB: Float64Array;
  readonly adaptLeak: Float64Array;
}

/** Jumps of the synaptic currents that one event causes, one row per source; entries ≥ 0, LSB/µs. */
export interface SynapticJumps {
  readonly rows: number;
  /** [row · count + neuron] */
  readonly exc: Float32Array;
  readonly inh: Float32Array;
  /** Row that a spike of each neuron triggers on the chip, −1 for none. */
  readonly spikeRow: Int32Array;
  /** What rows may reach at all; absent: everything. The same object promises the same rows, neurons and `spikeRow`. */
  readonly reach?: TargetRanges;
}

/** Jumps of a row are 0 but for neurons from … to−1. */
export interface TargetRanges {
  readonly from: Int32Array;
  readonly to: Int32Array;
}

export interface KernelInput {
  readonly duration: number;
  /** External events ascending in time, µs, entries from … to−1. */
  readonly time: Float64Array;
  readonly row: Int32Array;
  readonly from: number;
  readonly to: number;
  /** Relative spread of the amplitude of single events. */
  readonly eventNoise: number;
  /** Times at which group 0 and group 1 are sampled, ascending, µs; those outside [0, duration] are ignored. */
  readonly sampleTime: readonly [Float64Array, Float64Array];
  /**
   * 1 for neurons whose samples are wanted; those of others are undefined. Absent: all are wanted. Its entries must not
   * change while the same array is given.
   */
  readonly sampled?: Uint8Array;
  /** Neuron whose trace is sampled densely, −1 for none, what of it, and the times. */
  readonly traceNeuron: number;
  readonly traceSource: "membrane" | "synapse-exc" | "synapse-inh";
  readonly traceTime: Float64Array;
  /** Four words that name the noise stream of this entry. */
  readonly noiseKey: Uint32Array;
}

/** Views into the kernel's memory, valid until its next run. */
export interface KernelOutput {
  readonly spikes: number;
  /** µs, ascending up to the order inside one step. */
  readonly spikeTime: Float64Array;
  readonly spikeNeuron: Int32Array;
  /** Membranes in LSB, group g: [k · neurons of the group + index in the group]. */
  readonly sample: readonly [Float32Array, Float32Array];
  readonly trace: Float32Array;
}

export interface MembraneKernel {
  readonly kind: "simd" | "scalar";
  /**
   * Recomputes all coefficients; takes the neurons by reference.
   *
   * @param step of the uniform grid, µs; shorter than the refractory times of neurons that can spike
   */
  setNeurons(neurons: KernelNeurons, step: number): void;
  /** Leaks, thresholds and resets of the neurons given last have changed; nothing else has. */
  movePotentials(): void;
  setJumps(jumps: SynapticJumps): void;
  /** Throws UserError("chip") when a capacity (neurons, rows, events, spikes, samples) is exceeded. */
  run(input: KernelInput): KernelOutput;
}
