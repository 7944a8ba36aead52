/**
 * The order of events at every neuron: its own spikes, the ends of its refractory times and its samples, and what
 * arrives between two of them. While it stays the same, spike times and potentials are smooth functions of the weights;
 * where it changes, the loss has a kink or a jump, and a finite difference across it is no derivative. Equal numbers of
 * spikes are not enough: an arrival that crosses the end of a refractory time is a kink.
 *
 * Two arrivals that change places with none of the neuron's own events between them are no kink, since currents add up.
 */

import { delayOf } from "../../network/general-spikes.ts";
import type { Network } from "../../network/network.ts";
import type { Observation } from "../../network/observation.ts";
import { createParameterValues } from "../../network/parameters.ts";

/** What is different from a reference: spikes appeared or vanished, or events of a neuron changed places. */
export type Change = "spikes" | "order";

interface Event {
  readonly time: number;
  readonly kind: number;
  /** The input, or the neuron. */
  readonly index: number;
  /** Of an arrival. */
  readonly source?: number;
}

/** The order in one observation, as numbers that are equal for equal orders (and else only by chance, 1 in 10⁹). */
export interface EventOrder {
  /** [neuron] */
  readonly spikes: Int32Array;
  readonly signature: Int32Array;
}

export function changeOf(order: EventOrder, reference: EventOrder): Change | undefined {
  if (order.spikes.some((count, neuron) => count !== reference.spikes[neuron])) return "spikes";
  return order.signature.some((value, neuron) => value !== reference.signature[neuron]) ? "order" : undefined;
}

/** Kinds of events in their order at equal times. */
const RELEASE = 0;
const SAMPLE = 1;
const SPIKE = 2;
const INPUT = 3;
/** After a delay, at one neuron. */
const ARRIVAL = 4;

/** Makes the function that reads the order of an observation of `network`, made with the given parameters. */
export function eventOrderOf(
  network: Network,
): (observation: Observation, parameters: Float64Array) => EventOrder {
  const { inputs: inputCount, neurons, projections, constants, segments, duration } = network;
  const values = createParameterValues(network);
  const delayed = projections.filter(({ delay }) => delay !== undefined);
  /** Refractory times; those that are learned follow their parameters. */
  const refractory = constants.refractory.slice();
  const learnedRefractory = segments.filter(({ constant }) => constant?.name === "refractory");
  /** [source · neurons + neuron] Whether a spike of the source arrives at the neuron. */
  const reaches = new Uint8Array((inputCount + neurons) * neurons);
  for (const { sourceStart, sources, targetStart, targets, delay } of projections) {
    if (delay !== undefined) continue;
    for (let source = sourceStart; source < sourceStart + sources; source++) {
      reaches.fill(1, source * neurons + targetStart, source * neurons + targetStart + targets);
    }
  }
  return ({ inputs, spikes, voltages }, parameters) => {
    const events: Event[] = [];
    values.update(parameters);
    for (const { offset, length, constant } of learnedRefractory) {
      const { start = 0, size = 0 } = constant ?? {};
      for (let n = 0; n < size; n++)
        refractory[start + n] = values.value[length === 1 ? offset : offset + n]!;
    }
    const deliver = (source: number, time: number): void => {
      for (const projection of delayed) {
        const relative = source - projection.sourceStart;
        if (relative < 0 || relative >= projection.sources) continue;
        for (let target = 0; target < projection.targets; target++) {
          const at = time + delayOf(projection, relative, target, values.value);
          const index = projection.targetStart + target;
          if (at < duration) events.push({ time: at, kind: ARRIVAL, index, source });
        }
      }
    };
    for (let i = 0; i < inputs.count; i++)
      events.push({ time: inputs.time[i]!, kind: INPUT, index: inputs.index[i]! });
    for (let i = 0; i < inputs.count; i++) deliver(inputs.index[i]!, inputs.time[i]!);
    for (let i = 0; i < spikes.count; i++) {
      const index = spikes.index[i]!;
      const time = spikes.time[i]!;
      events.push({ time, kind: SPIKE, index });
      deliver(inputCount + index, time);
      events.push({ time: time + refractory[index]!, kind: RELEASE, index });
    }
    for (let i = 0; i < voltages.count; i++)
      events.push({ time: voltages.time[i]!, kind: SAMPLE, index: voltages.neuron[i]! });
    events.sort((a, b) => a.time - b.time || a.kind - b.kind || a.index - b.index);

    const counts = new Int32Array(neurons);
    const signature = new Int32Array(neurons);
    /** Sum over the arrivals since the last own event: the same in any order. */
    const arrived = new Int32Array(neurons);
    for (const { kind, index, source: sender = 0 } of events) {
      if (kind === ARRIVAL) {
        arrived[index] = arrived[index]! + mixed(sender + 1);
        continue;
      }
      if (kind !== INPUT) {
        if (kind === SPIKE) counts[index]!++;
        signature[index] = mixed(signature[index]! + arrived[index]!) + kind;
        arrived[index] = 0;
      }
      if (kind !== INPUT && kind !== SPIKE) continue;
      const source = kind === INPUT ? index : inputCount + index;
      const name = mixed(source + 1);
      for (let neuron = 0; neuron < neurons; neuron++) {
        if (reaches[source * neurons + neuron] === 1) arrived[neuron] = arrived[neuron]! + name;
      }
    }
    for (let neuron = 0; neuron < neurons; neuron++) {
      // What arrives after a neuron's last own event changes nothing that is observed.
      signature[neuron] = mixed(signature[neuron]!);
    }
    return { spikes: counts, signature };
  };
}

/** Spreads the bits of an integer over 32 (the finalizer of MurmurHash3). */
function mixed(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) | 0;
}
