/**
 * The interface between host software (mapping, learning, calibration) and a chip, real or simulated. Words and
 * time-stamped events go in, time-stamped events and converter codes come out. Volts, currents, parameters and mismatch
 * never pass it, and a chip knows no network, no loss and no experiment.
 *
 * Times at this interface are integers in ticks of the 8 ns FPGA clock, from the start of a batch entry.
 * Coordinates: see limits.ts. Words: see ChipConfig; ranges are checked by `checkConfig` in config.ts.
 */

/** One capmem or switch word per neuron, index = neuron id (512). */
export interface NeuronWords {
  /** Capmem voltages, 0 … 1022. */
  readonly leak: Uint16Array;
  readonly reset: Uint16Array;
  readonly threshold: Uint16Array;
  /** Capmem bias currents, 0 … 1022. */
  readonly leakBias: Uint16Array;
  readonly resetBias: Uint16Array;
  readonly synExcTau: Uint16Array;
  readonly synInhTau: Uint16Array;
  readonly synExcGm: Uint16Array;
  readonly synInhGm: Uint16Array;
  readonly synExcShift: Uint16Array;
  readonly synInhShift: Uint16Array;
  /** Constant current onto the membrane, for measurements. */
  readonly offsetCurrent: Uint16Array;
  /** AdEx words; used where `exponential` / `adaptation` are on. The steepness of the exponential has no word. */
  readonly expThreshold: Uint16Array;
  readonly expBias: Uint16Array;
  /** Adaptation drives its current by the difference of these two voltages and the membrane's to the leak. */
  readonly adaptLeak: Uint16Array;
  readonly adaptReference: Uint16Array;
  readonly adaptTau: Uint16Array;
  readonly adaptA: Uint16Array;
  readonly adaptB: Uint16Array;
  /** Membrane capacitance, 0 … 63. */
  readonly capacitance: Uint8Array;
  /**
   * A neuron is refractory for `refractoryCounter` cycles, 0 … 255, of the clock that `refractoryClock` selects (an
   * index of ChipConfig.refractoryClocks). Its reset ends 31 − 2 · `holdOff` cycles earlier, 1 (word 15) to 31 (word 0).
   */
  readonly refractoryCounter: Uint8Array;
  readonly refractoryClock: Uint8Array;
  readonly holdOff: Uint8Array;
  /** Address in the neuron's event label, 0 … 255. */
  readonly address: Uint8Array;
  /** Switches, 0 or 1. */
  readonly thresholdOn: Uint8Array;
  readonly eventsOn: Uint8Array;
  readonly synExcOn: Uint8Array;
  readonly synInhOn: Uint8Array;
  readonly offsetCurrentOn: Uint8Array;
  /** Leak bias ÷ 8 (long time constants) or × 8 (short). Both on is not allowed. */
  readonly leakDivide: Uint8Array;
  readonly leakMultiply: Uint8Array;
  /** High-resistance mode of each synaptic input (longer tau_syn). */
  readonly synExcHighResistance: Uint8Array;
  readonly synInhHighResistance: Uint8Array;
  readonly exponentialOn: Uint8Array;
  readonly adaptationOn: Uint8Array;
}

/** One word per quadrant (4): index = 2 · hemisphere + (column ≥ 128). */
export interface QuadrantWords {
  /** Synapse DAC bias current, 0 … 1022. */
  readonly synapseDacBias: Uint16Array;
  /** CADC ramp: offset voltage and slope current, 0 … 1022. */
  readonly cadcRampOffset: Uint16Array;
  readonly cadcRampSlope: Uint16Array;
}

export const ROW_DISABLED = 0;
export const ROW_EXCITATORY = 1;
export const ROW_INHIBITORY = 2;
/** Events act on both inputs of a neuron at once. */
export const ROW_BOTH = 3;

export interface SynapseWords {
  /** Weight 0 … 63 and label 0 … 63 of synapse [(hemisphere · 256 + row) · 256 + column] (131072 each). */
  readonly weight: Uint8Array;
  readonly label: Uint8Array;
}

export interface RoutingWords {
  /** Sign of row [hemisphere · 256 + row] (512): ROW_DISABLED, ROW_EXCITATORY, ROW_INHIBITORY or ROW_BOTH. */
  readonly rowMode: Uint8Array;
  /**
   * Driver [hemisphere · 128 + driver] (256) takes an event when (row select & mask) === (position & mask), where the
   * position of a driver on its bus is fixed: `driverPosition` in coordinates.ts.
   */
  readonly driverMask: Uint8Array;
  /** Whether the driver's short-term plasticity is on, and the offset of its ramp, which acts only then: 0 … 15. */
  readonly driverStp: Uint8Array;
  readonly driverOffset: Uint8Array;
  /** Crossbar node [input · 12 + output] (240): passes an event when on and (label & mask) === target. */
  readonly nodeOn: Uint8Array;
  readonly nodeMask: Uint16Array;
  readonly nodeTarget: Uint16Array;
}

/** Everything digital on the chip. */
export interface ChipConfig {
  readonly neurons: NeuronWords;
  readonly quadrants: QuadrantWords;
  /** Digital offset of CADC channel [2 · neuron + (0 causal | 1 acausal)] (1024), −128 … 127. */
  readonly cadcOffset: Int8Array;
  readonly synapses: SynapseWords;
  readonly routing: RoutingWords;
  /** Scales of the slow (index 0) and the fast (1) refractory clock, 0 … 15; frequency 250 MHz / 2^(scale + 1). */
  readonly refractoryClocks: Uint8Array;
  /** 1: the membrane of circuit n is connected with that of circuit n + 1 (512); see couplings.ts. */
  readonly couplings: Uint8Array;
}

export type SynapsesChange = Pick<SynapseWords, "weight"> & Partial<SynapseWords>;

/** Sections to write, each whole; only the labels of synapses may stay as they are. */
export interface ConfigChange extends Partial<Omit<ChipConfig, "synapses">> {
  readonly synapses?: SynapsesChange;
}

/**
 * Event labels. From the FPGA: 16 bits, bits 14–15 choose the L2 link, bits 0–13 pass the crossbar. On a PADI
 * bus: bits 6–10 row select, bits 0–5 synapse label. From a neuron: bits 8–10 event output, bits 0–7 address;
 * on a PADI bus these 11 bits are read as row select and synapse label too.
 */
export interface SpikeBatch {
  /** Number of batch entries; each is emulated from the resting state for `duration` ticks. */
  readonly entries: number;
  readonly duration: number;
  /** Entry e has events offset[e] … offset[e+1]−1, ascending in time. */
  readonly offset: Int32Array;
  readonly tick: Int32Array;
  readonly label: Uint16Array;
}

export interface CadcOptions {
  readonly memory: "sram" | "dram";
  readonly recordedNeurons: Int32Array;
  /** Read the acausal channels; otherwise the causal ones, as experiments do. */
  readonly acausal?: boolean;
  /**
   * Connects all channels to one reference voltage, a capmem code 0 … 1022, in place of the membranes (the debug
   * line by which converters are calibrated; codes 70 and 550 span their range). No membrane runs then.
   */
  readonly reference?: number;
}

export interface RunOptions {
  /** Record neuron events on the L2 links. */
  readonly spikes: boolean;
  /**
   * Periodic CADC recording. The hardware transfers whole rows of 256 columns of the hemispheres chosen;
   * `recordedNeurons` names the neurons that the host records. SRAM is fast and short, DRAM slow and long.
   */
  readonly cadc?: CadcOptions;
  /** Fast converter on one neuron per run. */
  readonly madc?: { readonly neuron: number; readonly source: "membrane" | "synapse-exc" | "synapse-inh" };
  /**
   * Names this run so that a simulated chip draws the same noise on any worker and in any number of pieces:
   * `run` counts runs, `sample[e]` names the sample that batch entry e runs. Hardware has its own noise and ignores it.
   */
  readonly noiseKey?: { readonly run: number; readonly sample: Int32Array };
}

/** Spikes sorted by entry, then tick. Buffers are reused by the next run of the same chip. */
export interface SpikeRecording {
  count: number;
  entry: Int32Array;
  tick: Int32Array;
  /** As sent by the neuron: bits 8–10 event output, bits 0–7 address. */
  label: Uint16Array;
}

export interface CadcRecording {
  /** Neuron ids in the order of `RunOptions.cadc.recordedNeurons`. */
  readonly recordedNeurons: Int32Array;
  /** Samples per entry, the same for all. */
  readonly samples: number;
  /**
   * Codes [(entry · samples + k) · recordedNeurons.length + i], 0 … 255.
   * `nominalTime[k]` is when sample k would be taken if recording had started exactly when the host thinks and its
   * period had no jitter; `time[(2 · entry + hemisphere) · samples + k]` is its time stamp. A stamp counts from the start
   * of the recording, which is unknown within a period. Undefined for a hemisphere of which nothing is kept.
   */
  readonly code: Uint8Array;
  /** µs from the start of the entry; may be negative (the recording starts before). */
  readonly nominalTime: Float64Array;
  readonly time: Float64Array;
}

export interface MadcRecording {
  /** Samples per entry. */
  readonly samples: number;
  /** Codes [entry · samples + k], 0 … 1023, sample k taken at k · 34 ns. */
  readonly code: Uint16Array;
}

/** What a run cost and lost, as hardware reports it. */
export interface Health {
  /** Events dropped on their way into the chip and out of it (drop counters). */
  readonly droppedIn: number;
  readonly droppedOut: number;
  /** Whether CADC recording ended early because its memory was full. */
  readonly cadcTruncated: boolean;
  /** Bytes transferred to the host: spikes and whole CADC rows (docs/memory.md). */
  readonly spikeBytes: number;
  readonly cadcBytes: number;
}

export interface Recording {
  readonly spikes: SpikeRecording;
  readonly cadc?: CadcRecording;
  readonly madc?: MadcRecording;
  readonly health: Health;
}

export interface ChipInfo {
  /** Identity of the instance, e.g. `"simulated-1"`; calibrations are valid for one id. */
  readonly id: string;
  readonly kind: string;
  /** One line for people. */
  readonly description: string;
}

export interface Chip {
  readonly info: ChipInfo;
  /** Writes the given sections. Throws UserError("chip") on words out of range. Settling is waited for. */
  configure(change: ConfigChange): Promise<void>;
  /** Emulates a batch. The recording's buffers are valid until the next run. */
  run(batch: SpikeBatch, options: RunOptions): Promise<Recording>;
  close(): Promise<void>;
}
