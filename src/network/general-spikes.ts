/**
 * Spikes of a stage of any models and delays, event by event. Each neuron is followed by itself: it knows what will
 * arrive, and is moved ahead to its next arrival or to its spike before that, whichever comes first. The earliest of
 * these events over the stage is the next to happen; a spike adds arrivals to the neurons it reaches, which are moved
 * ahead again only if one of them comes before what they expected.
 *
 * A population that does not act on itself goes neuron by neuron, since all that arrives at one of them is known, and by
 * the closed forms where it is LIF. At equal times a spike comes before an arrival, and spikes that arrive before inputs (deliveries.ts).
 */

import { type AdaptiveNeuron, E, I, moveHeld, resetState, STATE } from "../neuron/adaptive.ts";
import { createAdaptiveNeurons, moveFree, type NetworkNeuron } from "./adaptive-neurons.ts";
import { createDeliveryReader, type Deliveries, delayOf } from "./deliveries.ts";
import type { Stage } from "./graph.ts";
import type { Network } from "./network.ts";
import { diverged, pushSpike, SPIKE_LIMIT, type SpikeList } from "./observation.ts";
import { createParameterValues } from "./parameters.ts";
import { followNeuron } from "./population-spikes.ts";

export interface GeneralSpikes {
  /** Overwrites `out` with the spikes of one sample, not sorted; returns how many arrivals came after the end. */
  run(parameters: Float64Array, inputs: SpikeList, spikes: SpikeList, out: SpikeList): number;
}

export function createGeneralSpikes(network: Network, { populations, recurrent }: Stage): GeneralSpikes {
  const { duration } = network;
  const names = new Set(populations.map(({ name }) => name));
  const values = createParameterValues(network);
  const groups = populations.map((population) => {
    const members = createAdaptiveNeurons(network, population);
    return {
      members,
      reader: createDeliveryReader(network, population, values, (from) => !names.has(from)),
      runs: members.neurons.map((neuron) => new NeuronRun(neuron, duration)),
    };
  });
  const all = groups.flatMap(({ runs }) => runs);
  const runOf = new Map(all.map((run) => [run.index, run]));
  const internal = network.projections.filter(({ from, to }) => names.has(from) && names.has(to));
  let late = 0;

  const deliver = (source: number, time: number): void => {
    for (const projection of internal) {
      const relative = source + network.inputs - projection.sourceStart;
      if (relative < 0 || relative >= projection.sources) continue;
      for (let column = 0; column < projection.targets; column++) {
        const at = time + delayOf(projection, relative, column, values.value);
        if (at >= duration) late++;
        else {
          const place = projection.offset + relative * projection.targets + column;
          (runOf.get(projection.targetStart + column) as NeuronRun).insert(at, place);
        }
      }
    }
  };

  const finish = (run: NeuronRun): void => {
    if (!run.isFinite()) throw diverged("a membrane is not finite");
  };

  return {
    run(parameters, inputs, spikes, out) {
      out.count = 0;
      late = 0;
      if (values.update(parameters)) for (const { members } of groups) members.refresh(values);
      for (const { members, reader, runs } of groups) {
        reader.read(inputs, inputs.count, spikes, spikes.count);
        for (let column = 0; column < runs.length; column++) {
          const run = runs[column]!;
          const { neuron, lif } = members.neurons[column]!;
          const arrivals = reader.of(column, duration);
          late += reader.late;
          if (!recurrent && lif !== undefined) {
            followNeuron(lif, 0, parameters, arrivals, arrivals.place, undefined, out);
            continue;
          }
          run.begin(neuron, arrivals);
          if (recurrent) continue;
          while (run.next < duration) {
            if (run.spiking) fire(run, out);
            else run.arrive(parameters);
          }
          finish(run);
        }
      }
      if (!recurrent) return late;
      for (;;) {
        let first = all[0]!;
        for (let n = 1; n < all.length; n++) {
          const run = all[n]!;
          if (run.next < first.next || (run.next === first.next && run.spiking && !first.spiking))
            first = run;
        }
        if (!(first.next < duration)) break;
        if (first.spiking) {
          const time = first.next;
          fire(first, out);
          deliver(first.index, time);
        } else {
          first.arrive(parameters);
        }
      }
      for (const run of all) finish(run);
      return late;
    },
  };
}

function fire(run: NeuronRun, out: SpikeList): void {
  if (out.count === SPIKE_LIMIT) throw diverged(`more than ${SPIKE_LIMIT} spikes`);
  pushSpike(out, run.next, run.index);
  run.fire();
}

/** One neuron on its way through a sample. */
class NeuronRun {
  readonly index: number;
  /** Time of its next event, Infinity when there is none; whether that is a spike. */
  next = Number.POSITIVE_INFINITY;
  spiking = false;
  private neuron: AdaptiveNeuron;
  private readonly duration: number;
  private readonly x = new Float64Array(STATE);
  /** The state at the next event. */
  private readonly ahead = new Float64Array(STATE);
  private now = 0;
  private release = 0;
  /** Arrivals still to come: head … tail − 1. */
  private time = new Float64Array(32);
  private place = new Int32Array(32);
  private head = 0;
  private tail = 0;

  constructor({ index, neuron }: NetworkNeuron, duration: number) {
    this.index = index;
    this.neuron = neuron;
    this.duration = duration;
  }

  begin(neuron: AdaptiveNeuron, { count, time, place }: Deliveries): void {
    this.neuron = neuron;
    this.x.fill(0);
    this.now = 0;
    this.release = 0;
    this.head = 0;
    this.tail = count;
    if (this.time.length < count) this.reserve(count);
    for (let k = 0; k < count; k++) {
      this.time[k] = time[k]!;
      this.place[k] = place[k]!;
    }
    this.predict();
  }

  /** Adds an arrival at or after the present; those that came before at the same time stay before it. */
  insert(time: number, place: number): void {
    if (this.tail === this.time.length) this.reserve(this.tail + 1);
    let at = this.tail++;
    for (; at > this.head && this.time[at - 1]! > time; at--) {
      this.time[at] = this.time[at - 1]!;
      this.place[at] = this.place[at - 1]!;
    }
    this.time[at] = time;
    this.place[at] = place;
    if (time < this.next) this.predict();
  }

  arrive(weights: Float64Array): void {
    this.x.set(this.ahead);
    this.now = this.next;
    while (this.head < this.tail && this.time[this.head]! === this.now) {
      const weight = weights[this.place[this.head++]!]!;
      if (weight >= 0) this.x[E] = this.x[E]! + weight;
      else this.x[I] = this.x[I]! + weight;
    }
    this.predict();
  }

  fire(): void {
    this.x.set(this.ahead);
    this.now = this.next;
    resetState(this.neuron, this.x);
    this.release = this.now + this.neuron.refractory;
    this.predict();
  }

  isFinite(): boolean {
    let sum = 0;
    for (let k = 0; k < STATE; k++) sum += this.ahead[k]!;
    return Number.isFinite(sum);
  }

  /** Moves ahead to the next arrival, or to the spike before it. */
  private predict(): void {
    const { ahead, neuron } = this;
    const arrives = this.head < this.tail;
    const until = arrives ? this.time[this.head]! : this.duration;
    ahead.set(this.x);
    let at = this.now;
    this.spiking = false;
    this.next = arrives ? until : Number.POSITIVE_INFINITY;
    if (this.release > at) {
      const end = Math.min(this.release, until);
      moveHeld(neuron, ahead, end - at);
      at = end;
    }
    if (!(until > at)) return;
    const crossing = moveFree(neuron, ahead, until - at, true);
    if (crossing === Number.POSITIVE_INFINITY) return;
    this.next = at + crossing;
    this.spiking = this.next < this.duration;
    if (!this.spiking) this.next = Number.POSITIVE_INFINITY;
  }

  private reserve(size: number): void {
    const time = new Float64Array(2 * size);
    time.set(this.time);
    this.time = time;
    const place = new Int32Array(2 * size);
    place.set(this.place);
    this.place = place;
  }
}
