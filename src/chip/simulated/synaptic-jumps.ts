/**
 * From synapse words to what an event does: one row of current jumps over the simulated neurons per label that
 * occurs. Which synapses contribute to which jump is worked out once per routing (the plan); a change of weights
 * only runs over the plan, a change of strengths only over its jumps.
 *
 *     jump = neuron strength(sign) · run factor · Σ circuit · driver · row · synapse · curve(weight)
 *
 * The sum runs over synapses of the neuron's columns in rows of that sign whose label matches; the factor of a circuit
 * is 1 where it is the only one of its neuron.
 */

import type { Couplings } from "../couplings.ts";
import type { SynapticJumps, TargetRanges } from "../kernel/kernel.ts";
import { COLUMNS, ROWS } from "../limits.ts";
import { driverStpFactor } from "../nominal.ts";
import { ROW_BOTH, ROW_EXCITATORY, ROW_INHIBITORY, type RoutingWords, type SynapseWords } from "../types.ts";
import type { NeuronParameters } from "./analog-neurons.ts";
import type { SynapsePattern, SynapseRowPattern } from "./mismatch.ts";
import { synapseLabel } from "./routing.ts";

/**
 * Synapses that contribute to one sign's jumps, grouped by jump: jump t sums contributions end[t−1] … end[t]−1.
 * Buffers grow; `jumps` and `length` entries are valid.
 */
interface Contributions {
  jumps: number;
  /** Index into the table of jumps, row · count + neuron, and the neuron alone. */
  target: Int32Array;
  neuron: Int32Array;
  end: Int32Array;
  length: number;
  /** Index into SynapseWords, and start of the synapse's weight curve. */
  synapse: Int32Array;
  curve: Int32Array;
  factor: Float32Array;
  /** Σ of each jump with the present weights. */
  sum: Float64Array;
}

export interface CircuitsOfNeurons {
  readonly couplings: Couplings;
  readonly gains: Pick<NeuronParameters, "gainExc" | "gainInh">;
}

export interface JumpTable {
  /** The jumps after the last `scale`. */
  readonly jumps: SynapticJumps;
  /** Starts a plan for the neurons with these ids, ascending. */
  start(
    neurons: Int32Array,
    routing: RoutingWords,
    synapses: SynapseWords,
    /** Circuits of each neuron, and how strong the inputs of each are beside the neuron's strength. */
    circuits: CircuitsOfNeurons,
  ): void;
  /** Adds what an event with this label does on these rows; returns its jump row, −1 if it reaches no neuron. */
  add(label: number, rows: readonly number[]): number;
  /** Jump row that a spike of simulated neuron `index` triggers, −1 for none. */
  setSpikeRow(index: number, row: number): void;
  /** Takes these weights; to be called after `add` too. */
  applyWeights(weight: Uint8Array): void;
  /** Computes all jumps of the weights taken; `strength…[index]` per simulated neuron, LSB/µs per weight unit. */
  applyGain(strengthExc: Float64Array, strengthInh: Float64Array): void;
}

export function createJumpTable(pattern: SynapsePattern): JumpTable {
  const excitatory = emptyContributions();
  const inhibitory = emptyContributions();
  const { curves } = pattern;
  let exc = new Float32Array(0);
  let inh = new Float32Array(0);
  let spikeRow = new Int32Array(0);
  let neurons = new Int32Array(0);
  let rows = 0;
  /** So many entries of the tables belong to this plan: 0, or written by the plan's jumps. */
  let written = 0;
  let routing: RoutingWords;
  let synapses: SynapseWords;
  let circuits: CircuitsOfNeurons;
  let table: SynapticJumps = { rows: 0, exc, inh, spikeRow };
  /** Of the plan as it is. */
  let reach: TargetRanges | undefined;

  return {
    get jumps() {
      return table;
    },
    start(ids, newRouting, newSynapses, newCircuits) {
      neurons = Int32Array.from(ids);
      routing = newRouting;
      synapses = newSynapses;
      circuits = newCircuits;
      rows = 0;
      for (const list of [excitatory, inhibitory]) list.jumps = list.length = 0;
      written = 0;
      reach = undefined;
      spikeRow = new Int32Array(neurons.length).fill(-1);
    },
    add(label, triggered) {
      reach = undefined;
      const before = excitatory.jumps + inhibitory.jumps;
      const rowsOfSign = [
        pulsesOf(triggered, ROW_EXCITATORY, routing, pattern),
        pulsesOf(triggered, ROW_INHIBITORY, routing, pattern),
      ] as const;
      const wanted = synapseLabel(label);
      const { couplings, gains } = circuits;
      for (let index = 0; index < neurons.length; index++) {
        const neuron = neurons[index]!;
        const target = rows * neurons.length + index;
        const place = { first: neuron, end: neuron + couplings.size[neuron]!, target, index };
        addJump(excitatory, rowsOfSign[0], gains.gainExc, wanted, synapses.label, place);
        addJump(inhibitory, rowsOfSign[1], gains.gainInh, wanted, synapses.label, place);
      }
      return excitatory.jumps + inhibitory.jumps === before ? -1 : rows++;
    },
    setSpikeRow(index, row) {
      reach = undefined;
      spikeRow[index] = row;
    },
    applyWeights(weight) {
      sumPulses(excitatory, weight, curves);
      sumPulses(inhibitory, weight, curves);
    },
    applyGain(strengthExc, strengthInh) {
      const size = rows * neurons.length;
      if (exc.length < size) {
        exc = new Float32Array(2 * size);
        inh = new Float32Array(2 * size);
        written = size;
      } else if (written < size) {
        exc.fill(0, written, size);
        inh.fill(0, written, size);
        written = size;
      }
      scaleJumps(excitatory, strengthExc, exc);
      scaleJumps(inhibitory, strengthInh, inh);
      reach ??= reachOf([excitatory, inhibitory], rows, neurons.length);
      table = { rows, exc, inh, spikeRow, reach };
    },
  };
}

/** A row that an event triggers, with the strength of its pulse. */
interface Pulse {
  readonly row: number;
  readonly strength: number;
  readonly synapses: SynapseRowPattern;
}

function pulsesOf(
  rows: readonly number[],
  mode: number,
  routing: RoutingWords,
  pattern: SynapsePattern,
): readonly Pulse[] {
  return rows
    .filter((row) => routing.rowMode[row] === mode || routing.rowMode[row] === ROW_BOTH)
    .map((row) => {
      const driver = row >> 1;
      const stp = driverStpFactor(routing.driverStp[driver] === 1, routing.driverOffset[driver]!);
      const strength = pattern.driver[driver]! * stp * pattern.row[row]!;
      return { row, strength, synapses: pattern.synapses(row) };
    });
}

/** A neuron's circuits first … end − 1, its place among the simulated ones, and that of the jump in the table. */
interface JumpPlace {
  readonly first: number;
  readonly end: number;
  readonly index: number;
  readonly target: number;
}

/** Adds what the pulses do to one neuron, if anything, through all of its circuits. */
function addJump(
  list: Contributions,
  pulses: readonly Pulse[],
  gain: Float64Array,
  label: number,
  labels: Uint8Array,
  { first, end, index, target }: JumpPlace,
): void {
  const before = list.length;
  for (let circuit = first; circuit < end; circuit++) {
    const column = circuit % COLUMNS;
    for (const { row, strength, synapses } of pulses) {
      const synapse = row * COLUMNS + column;
      if (row >= ROWS !== circuit >= COLUMNS || labels[synapse] !== label) continue;
      reserve(list);
      const k = list.length++;
      list.synapse[k] = synapse;
      list.curve[k] = synapses.curve[column]!;
      list.factor[k] = strength * synapses.factor[column]! * gain[circuit]!;
    }
  }
  if (list.length === before) return;
  list.target[list.jumps] = target;
  list.neuron[list.jumps] = index;
  list.end[list.jumps++] = list.length;
}

/** Hot: runs over all synapses in use whenever a weight has changed. Weight 0 contributes exactly 0. */
function sumPulses(list: Contributions, weight: Uint8Array, curves: Float32Array): void {
  const { jumps, end, synapse, curve, factor, sum } = list;
  let k = 0;
  for (let jump = 0; jump < jumps; jump++) {
    const last = end[jump]!;
    let charge = 0;
    for (; k < last; k++) {
      const word = weight[synapse[k]!]!;
      charge += factor[k]! * curves[curve[k]! + word]!;
    }
    sum[jump] = charge;
  }
}

/** Hot: runs over all jumps in every run. */
function scaleJumps(list: Contributions, strength: Float64Array, out: Float32Array): void {
  const { jumps, target, neuron, sum } = list;
  for (let jump = 0; jump < jumps; jump++) {
    out[target[jump]!] = sum[jump]! * strength[neuron[jump]!]!;
  }
}

/** Neurons that the jumps of each row reach; rows without jumps are not made. */
function reachOf(lists: readonly Contributions[], rows: number, count: number): TargetRanges {
  const from = new Int32Array(rows).fill(count);
  const to = new Int32Array(rows);
  for (const { jumps, target, neuron } of lists) {
    for (let jump = 0; jump < jumps; jump++) {
      const index = neuron[jump]!;
      const row = (target[jump]! - index) / count;
      from[row] = Math.min(from[row]!, index);
      to[row] = Math.max(to[row]!, index + 1);
    }
  }
  return { from, to };
}

function emptyContributions(): Contributions {
  return {
    jumps: 0,
    target: new Int32Array(0),
    neuron: new Int32Array(0),
    end: new Int32Array(0),
    length: 0,
    synapse: new Int32Array(0),
    curve: new Int32Array(0),
    factor: new Float32Array(0),
    sum: new Float64Array(0),
  };
}

/** Room for one more contribution and jump; there are never more jumps than contributions. */
function reserve(list: Contributions): void {
  if (list.length < list.synapse.length) return;
  const capacity = Math.max(1024, 2 * list.length);
  const grown = (old: Int32Array): Int32Array => {
    const bigger = new Int32Array(capacity);
    bigger.set(old);
    return bigger;
  };
  list.target = grown(list.target);
  list.neuron = grown(list.neuron);
  list.end = grown(list.end);
  list.synapse = grown(list.synapse);
  list.curve = grown(list.curve);
  const factor = new Float32Array(capacity);
  factor.set(list.factor);
  list.factor = factor;
  list.sum = new Float64Array(capacity);
}
