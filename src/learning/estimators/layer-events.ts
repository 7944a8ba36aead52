/** First step of the adjoint of a layer: own events of its neurons, and what waits for them. */

import type { Population } from "../../network/network.ts";
import { CONSTANTS, EXC_RATE, INH_RATE, LEAK_RATE } from "./adjoint-constants.ts";
import type { AdjointPass } from "./adjoint-pass.ts";
import type { LayerArrivals } from "./layer-arrivals.ts";
import { EVENT, type LayerTrace, RELEASE, reserveTrace, SAMPLE, SPIKE } from "./layer-trace.ts";

/** A group of neurons ends when it has so many waits, so that they stay in the nearest cache. */
const GROUP = 384;

/**
 * Collects neurons of the population from `column` on, until there are enough for a group; returns where the next
 * one begins. Neurons without events are passed over, and so are arrivals after the last event of a neuron.
 */
export function collectEvents(
  trace: LayerTrace,
  { observation, cotangent, timeline, weights }: AdjointPass,
  { start, size }: Population,
  { count: arrivalCount, time: arrivalTime, row }: LayerArrivals,
  constants: Float64Array,
  column: number,
): number {
  const { first, following, release } = timeline;
  const { time: spikeTime } = observation.spikes;
  const { time: sampleTime, neuron: sampled, count: samples } = observation.voltages;
  const pull = cotangent.voltage;
  const most = 2 * timeline.count + samples;
  reserveTrace(trace, most, GROUP + arrivalCount + 2 * most);
  const { events, waits, place, first: firstEvent, column: columns } = trace;
  const stride = EVENT;
  const isSample = SAMPLE;
  const isSpike = SPIKE;
  const isRelease = RELEASE;
  let neurons = 0;
  let event = 0;
  let wait = 0;
  let sample = 0;
  let next = column;
  for (; next < size && wait < GROUP; next++) {
    const neuron = start + next;
    let spike = first[neuron]!;
    while (
      sample < samples &&
      (sampled[sample]! < neuron || (sampled[sample] === neuron && pull[sample] === 0))
    ) {
      sample++;
    }
    if (spike === -1 && (sample === samples || sampled[sample] !== neuron)) continue;
    const at = neuron * CONSTANTS;
    const a = constants[at + LEAK_RATE]!;
    const excess = constants[at + EXC_RATE]! - a;
    const change = constants[at + INH_RATE]! - a - excess;
    const begin = event;
    columns[neurons] = next;
    firstEvent[neurons++] = begin;
    let holder = -1;
    let before = 0;
    let k = 0;
    for (;;) {
      let kind = isSpike;
      let entry = spike;
      let now = 0;
      if (holder !== -1) {
        kind = isRelease;
        entry = holder;
        now = release[holder]!;
        holder = -1;
      } else if (
        sample < samples &&
        sampled[sample] === neuron &&
        (spike === -1 || sampleTime[sample]! < spikeTime[spike]!)
      ) {
        kind = isSample;
        entry = sample;
        now = sampleTime[sample]!;
        do sample++;
        while (sample < samples && sampled[sample] === neuron && pull[sample] === 0);
      } else if (spike !== -1) {
        now = spikeTime[spike]!;
        const released = release[spike]!;
        while (
          sample < samples &&
          sampled[sample] === neuron &&
          (pull[sample] === 0 || sampleTime[sample]! <= released)
        ) {
          sample++;
        }
        spike = following[spike]!;
        // Without an event after it p_V stays 0 there.
        if (spike !== -1 || (sample < samples && sampled[sample] === neuron)) holder = entry;
      } else {
        break;
      }
      if (k > 0) {
        const s = now - before;
        const y = a * s;
        const x = excess * s;
        waits[wait * 4] = y;
        waits[wait * 4 + 1] = x;
        waits[wait * 4 + 4] = y;
        waits[wait * 4 + 5] = x + change * s;
        wait += 2;
      }
      before = now;
      const earliest = k;
      const from = wait;
      for (; k < arrivalCount; k++) {
        const s = now - arrivalTime[k]!;
        if (s <= 0) break;
        const where = row[k]! + next;
        const weight = weights[where]!;
        // Signs are random: arithmetic costs less than a branch that is guessed wrong.
        const negative = +(weight < 0);
        place[wait] = where;
        waits[wait * 4] = a * s;
        waits[wait * 4 + 1] = (excess + negative * change) * s;
        waits[wait * 4 + 3] = weight;
        wait++;
      }
      events[event * stride] = kind;
      events[event * stride + 1] = entry;
      events[event * stride + 2] = from;
      events[event * stride + 3] = wait;
      events[event * stride + 4] = earliest;
      event++;
    }
  }
  firstEvent[neurons] = event;
  trace.neurons = neurons;
  trace.count = wait;
  return next;
}
