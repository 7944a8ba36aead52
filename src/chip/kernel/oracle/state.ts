/** All that the oracle remembers: neurons in lanes, kicks, the entry in progress and the step in progress. */

import type { KernelInput, KernelKicks } from "../kernel.ts";
import type { LanePlan, Lanes } from "../lanes.ts";
import type { NoiseStreams } from "./streams.ts";

/** Which vectors a row of kicks reaches, and whether some neuron there can spike. */
export interface RowReach {
  readonly first: number;
  readonly end: number;
  readonly recurrent: boolean;
}

export interface OracleState {
  readonly lanes: Lanes;
  readonly streams: NoiseStreams;
  plan: LanePlan;
  halvings: number;
  adex: boolean;
  kicks: KernelKicks;
  reach: readonly RowReach[];
  /** Spread of event amplitudes per unit of a sum of bytes. */
  eventNoise: number;
  input: KernelInput;

  /** The step: start and end in the entry (µs), length (f32), samples and trace points that it holds. */
  start: number;
  end: number;
  length: number;
  readonly sampleFrom: [number, number];
  readonly sampleTo: [number, number];
  traceFrom: number;
  traceTo: number;
  /** Vectors whose samples are wanted, first and end per group. */
  readonly wantedFirst: [number, number];
  readonly wantedEnd: [number, number];
  traceLane: number;
  /** Current of the traced lane at the start of the step. */
  traceCurrent: number;

  /** Lanes with crossings to come, in ascending time; refractory lanes and when they are free; lanes released. */
  readonly queue: number[];
  refractory: { readonly lane: number; readonly time: number }[];
  readonly released: number[];

  readonly sample: [Float32Array, Float32Array];
  trace: Float32Array;
  readonly spikeTime: number[];
  readonly spikeNeuron: number[];
}

/** Index of the value of a lane in sample k of its group. */
export function sampleIndex(state: OracleState, lane: number, group: number, k: number): number {
  const { plan } = state;
  return group === 0 ? k * plan.count0 + lane : k * (plan.count - plan.count0) + lane - 4 * plan.vectors0;
}

export function groupOf(state: OracleState, lane: number): 0 | 1 {
  return lane < 4 * state.plan.vectors0 ? 0 : 1;
}
