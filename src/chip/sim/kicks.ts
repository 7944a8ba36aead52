/**
 * From synapse words to what an event does: one row of current jumps over the simulated neurons per label that
 * occurs. Which synapses contribute to which jump is worked out once per routing (the plan); a change of weights
 * only runs over the plan.
 *
 *     jump = neuron strength(sign) · run factor · Σ driver · row · synapse · curve(weight)
 *
 * The sum runs over synapses of the neuron's column in rows of that sign whose label matches.
 */

import type { KernelKicks } from "../../kernels/kernel.ts";
import { COLUMNS, ROWS } from "../limits.ts";
import { ROW_EXCITATORY, ROW_INHIBITORY, type RoutingWords, type SynapseWords } from "../types.ts";
import { DRIVER_OFFSET_MIDDLE, DRIVER_OFFSET_STEP } from "./laws.ts";
import { synapseLabel } from "./routing.ts";
import type { SynapsePattern } from "./synapse-pattern.ts";

/** Synapses that contribute to one sign's jumps; `length` entries are valid. */
interface Contributions {
  length: number;
  /** Index into SynapseWords. */
  synapse: Int32Array;
  /** Index into the jumps, row · count + neuron, and the neuron alone. */
  target: Int32Array;
  neuron: Int32Array;
  /** Start of the synapse's weight curve. */
  curve: Uint16Array;
  factor: Float32Array;
}

export interface KickTable {
  /** The jumps after the last `fill`. */
  readonly kicks: KernelKicks;
  /** Starts a plan for the neurons with these ids, ascending. */
  start(neurons: Int32Array, routing: RoutingWords, synapses: SynapseWords): void;
  /** Adds what an event with this label does on these rows; returns its kick row, −1 if it reaches no neuron. */
  add(label: number, rows: readonly number[]): number;
  /** Kick row that a spike of simulated neuron `index` triggers, −1 for none. */
  setSpikeRow(index: number, row: number): void;
  /** Computes all jumps; `strength…[index]` per simulated neuron, LSB/µs per weight unit. */
  fill(weight: Uint8Array, strengthExc: Float64Array, strengthInh: Float64Array): void;
}

export function createKickTable(pattern: SynapsePattern): KickTable {
  const excitatory = emptyContributions();
  const inhibitory = emptyContributions();
  const { curves } = pattern;
  let exc = new Float32Array(0);
  let inh = new Float32Array(0);
  let spikeRow = new Int32Array(0);
  let neurons = new Int32Array(0);
  let rows = 0;
  let routing: RoutingWords;
  let synapses: SynapseWords;
  let table: KernelKicks = { rows: 0, exc, inh, spikeRow };

  return {
    get kicks() {
      return table;
    },
    start(ids, newRouting, newSynapses) {
      neurons = Int32Array.from(ids);
      routing = newRouting;
      synapses = newSynapses;
      rows = 0;
      excitatory.length = 0;
      inhibitory.length = 0;
      spikeRow = new Int32Array(neurons.length).fill(-1);
    },
    add(label, triggered) {
      const before = excitatory.length + inhibitory.length;
      const wanted = synapseLabel(label);
      for (const row of triggered) {
        const hemisphere = row >= ROWS ? 1 : 0;
        const list = contributionsOf(routing.rowMode[row] as number, excitatory, inhibitory);
        if (list === undefined) continue;
        const driver = row >> 1;
        const offset = (routing.driverOffset[driver] as number) - DRIVER_OFFSET_MIDDLE;
        const pulse =
          (pattern.driver[driver] as number) *
          (1 + DRIVER_OFFSET_STEP * offset) *
          (pattern.row[row] as number);
        const own = pattern.synapses(row);
        for (let index = 0; index < neurons.length; index++) {
          const neuron = neurons[index] as number;
          if (neuron >= COLUMNS !== (hemisphere === 1)) continue;
          const column = neuron % COLUMNS;
          const synapse = row * COLUMNS + column;
          if (synapses.label[synapse] !== wanted) continue;
          reserve(list);
          const k = list.length++;
          list.synapse[k] = synapse;
          list.target[k] = rows * neurons.length + index;
          list.neuron[k] = index;
          list.curve[k] = own.curve[column] as number;
          list.factor[k] = pulse * (own.factor[column] as number);
        }
      }
      return excitatory.length + inhibitory.length === before ? -1 : rows++;
    },
    setSpikeRow(index, row) {
      spikeRow[index] = row;
    },
    fill(weight, strengthExc, strengthInh) {
      const size = rows * neurons.length;
      if (exc.length < size) {
        exc = new Float32Array(2 * size);
        inh = new Float32Array(2 * size);
      }
      accumulate(excitatory, weight, curves, strengthExc, exc, size);
      accumulate(inhibitory, weight, curves, strengthInh, inh, size);
      table = { rows, exc, inh, spikeRow };
    },
  };
}

function contributionsOf<List>(mode: number, excitatory: List, inhibitory: List): List | undefined {
  if (mode === ROW_EXCITATORY) return excitatory;
  return mode === ROW_INHIBITORY ? inhibitory : undefined;
}

function accumulate(
  list: Contributions,
  weight: Uint8Array,
  curves: Float32Array,
  strength: Float64Array,
  out: Float32Array,
  size: number,
): void {
  const { length, synapse, target, neuron, curve, factor } = list;
  out.fill(0, 0, size);
  for (let k = 0; k < length; k++) {
    const word = weight[synapse[k] as number] as number;
    if (word === 0) continue;
    (out[target[k] as number] as number) +=
      (strength[neuron[k] as number] as number) *
      (factor[k] as number) *
      (curves[(curve[k] as number) + word] as number);
  }
}

function emptyContributions(): Contributions {
  return {
    length: 0,
    synapse: new Int32Array(0),
    target: new Int32Array(0),
    neuron: new Int32Array(0),
    curve: new Uint16Array(0),
    factor: new Float32Array(0),
  };
}

function reserve(list: Contributions): void {
  if (list.length < list.synapse.length) return;
  const capacity = Math.max(1024, 2 * list.length);
  const grow = <Values extends Int32Array | Uint16Array | Float32Array>(bigger: Values, old: Values) => {
    bigger.set(old);
    return bigger;
  };
  list.synapse = grow(new Int32Array(capacity), list.synapse);
  list.target = grow(new Int32Array(capacity), list.target);
  list.neuron = grow(new Int32Array(capacity), list.neuron);
  list.curve = grow(new Uint16Array(capacity), list.curve);
  list.factor = grow(new Float32Array(capacity), list.factor);
}
