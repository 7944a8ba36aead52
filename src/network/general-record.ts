/** Membrane samples of a population of any model and delays, from the known spikes: see record-voltages.ts. */

import { E, H, I, moveHeld, resetState, STATE, V } from "../neuron/adaptive.ts";
import { linearTurns } from "../neuron/linear-crossing.ts";
import { moveLinear } from "../neuron/linear-flow.ts";
import { highestInStep, type StepRecord } from "../neuron/runge-kutta.ts";
import { createAdaptiveNeurons, moveFree, type NetworkNeuron } from "./adaptive-neurons.ts";
import { createDeliveryReader, type Deliveries } from "./deliveries.ts";
import type { Network, Population } from "./network.ts";
import { diverged, pushVoltage, type SpikeList, type VoltageSamples } from "./observation.ts";
import { createParameterValues } from "./parameters.ts";
import { createOwnSpikes } from "./spike-order.ts";

export interface GeneralRecorder {
  /** Appends V at each of `times`, or with `maximum` the largest V and the first time it is reached. */
  run(
    parameters: Float64Array,
    inputs: SpikeList,
    spikes: SpikeList,
    times: Float64Array,
    maximum: boolean,
    out: VoltageSamples,
  ): void;
}

export function createGeneralRecorder(network: Network, population: Population): GeneralRecorder {
  const { duration } = network;
  const values = createParameterValues(network);
  const members = createAdaptiveNeurons(network, population);
  const reader = createDeliveryReader(network, population, values);
  const own = createOwnSpikes(population);
  const x = new Float64Array(STATE);
  const turns = new Float64Array(16);
  const inside = new Float64Array(STATE);
  let highest = 0;
  let highestAt = 0;

  const consider = (value: number, time: number): void => {
    if (value > highest) {
      highest = value;
      highestAt = time;
    }
  };

  /** Moves x over a free stretch that starts at `now`, looking at all maxima inside. */
  const moveOverMaxima = ({ neuron }: NetworkNeuron, now: number, s: number): void => {
    if (neuron.intrinsic === undefined) {
      const count = linearTurns(neuron, x, s, turns);
      for (let k = 0; k < count; k++) {
        inside.set(x);
        moveLinear(neuron, inside, turns[k]!);
        consider(inside[V]!, now + turns[k]!);
      }
      moveLinear(neuron, x, s);
      return;
    }
    let at = now;
    const record: StepRecord = {
      step(from, length, v, w) {
        const top = highestInStep(neuron, from, length, v, w);
        if (top !== undefined) consider(top.value, at + top.time);
        at += length;
      },
    };
    moveFree(neuron, x, s, false, record);
  };

  const follow = (
    member: NetworkNeuron,
    weights: Float64Array,
    arrivals: Deliveries,
    from: number,
    to: number,
    times: Float64Array,
    maximum: boolean,
    out: VoltageSamples,
  ): void => {
    const { neuron } = member;
    x.fill(0);
    let now = 0;
    let release = 0;
    let arrival = 0;
    let spike = from;
    let mark = 0;
    for (;;) {
      const nextArrival = arrival < arrivals.count ? arrivals.time[arrival]! : Number.POSITIVE_INFINITY;
      const nextSpike = spike < to ? own.time[spike]! : Number.POSITIVE_INFINITY;
      const nextMark = mark < times.length ? times[mark]! : Number.POSITIVE_INFINITY;
      const until = Math.min(nextArrival, nextSpike, nextMark, duration);
      if (release > now && until > now) {
        const end = Math.min(release, until);
        moveHeld(neuron, x, end - now);
        now = end;
      }
      if (until > now) {
        if (maximum) moveOverMaxima(member, now, until - now);
        else moveFree(neuron, x, until - now, false);
        now = until;
      }
      if (until === nextSpike) {
        consider(neuron.threshold + x[H]!, now);
        resetState(neuron, x);
        consider(neuron.reset, now);
        release = now + neuron.refractory;
        spike++;
      } else if (until === nextArrival) {
        consider(x[V]!, now);
        const weight = weights[arrivals.place[arrival++]!]!;
        if (weight >= 0) x[E] = x[E]! + weight;
        else x[I] = x[I]! + weight;
      } else if (until === nextMark) {
        pushVoltage(out, member.index, now, x[V]!);
        mark++;
      } else {
        consider(x[V]!, now);
        break;
      }
    }
    if (!Number.isFinite(x[V]!)) throw diverged("a membrane is not finite");
  };

  return {
    run(parameters, inputs, spikes, times, maximum, out) {
      if (values.update(parameters)) members.refresh(values);
      reader.read(inputs, inputs.count, spikes, spikes.count);
      own.update(spikes);
      members.neurons.forEach((member, column) => {
        highest = 0;
        highestAt = 0;
        const arrivals = reader.of(column, duration);
        follow(member, parameters, arrivals, own.first[column]!, own.first[column + 1]!, times, maximum, out);
        if (maximum) pushVoltage(out, member.index, highestAt, highest);
      });
    },
  };
}
