/** What it is to run a network on something, and what that costs; executor.ts has who does it. */

import type { Network } from "../network/network.ts";
import type { InputBatch, Observation } from "../network/observation.ts";

/** What `observe` cost and lost, summed over its samples. */
export interface ObservationCost {
  /** Bytes that left the chip: spikes, and whole rows of samples (docs/memory.md). */
  bytes: number;
  /** Time in the chip (or simulator), without encoding and decoding. */
  chipMs: number;
  /** Input events that were not sent because they come after the end of their sample, or that the chip dropped. */
  droppedInputs: number;
  /** Input events that were sent a tick or more later than they should have been, because their bus was taken. */
  movedInputs: number;
  /** Spikes that the chip dropped on their way out. */
  droppedSpikes: number;
  /** Events that no neuron of the network can have sent. */
  strayEvents: number;
  /** Spikes stamped before the start of their sample, taken as at its start; after its end, left out. */
  earlySpikes: number;
  lateSpikes: number;
  /** Runs whose converter samples end before the sample does, because their memory was full. */
  cutRecordings: number;
  /** Spikes that delays push beyond the end of their sample: arrivals at single neurons in software, events on a chip. */
  lateArrivals: number;
}

/** Nothing yet; `observe` adds to it. */
export function noCost(): ObservationCost {
  return {
    bytes: 0,
    chipMs: 0,
    droppedInputs: 0,
    movedInputs: 0,
    droppedSpikes: 0,
    strayEvents: 0,
    earlySpikes: 0,
    lateSpikes: 0,
    cutRecordings: 0,
    lateArrivals: 0,
  };
}

export interface LoadedWeights {
  /** How many are as large as the substrate can hold, or were larger and clipped. */
  readonly saturated: number;
  /** What the substrate runs with, in model units: rounded to its words on a chip. */
  readonly effective: Float64Array;
  /** Weights of each projection that are not zero but became zero, and those that are at their limit. */
  readonly zeroed: Int32Array;
  readonly limited: Int32Array;
}

export interface Executor {
  /** The network as it is run: with nominal constants, or those that were measured. */
  readonly network: Network;
  /** Largest size that a weight of each projection can have on the substrate, Infinity in software. */
  readonly weightLimits: Float64Array;
  /** Steps between the weights of each projection that the substrate can have, model units; 0 in software. */
  readonly weightSteps: Float64Array;
  /** Takes new weights. The result is overwritten by the next call. */
  load(weights: Float64Array): Promise<LoadedWeights>;
  /**
   * Runs all samples of `inputs` and calls `visit` for each, in order. The observation's buffers are reused.
   * `run` names the run for the noise of a simulated chip.
   */
  observe(
    inputs: InputBatch,
    run: number,
    visit: (sample: number, observation: Observation) => void,
    cost: ObservationCost,
  ): Promise<void>;
  close(): Promise<void>;
}
