/**
 * What arrives at the neurons of one population in one sample, each spike after its delay: the one list that both the
 * general forward pass and the general adjoint read. Arrivals ascend in time; at equal times spikes of neurons come
 * before those of inputs, each in the order in which they were sent.
 */

import type { Network, Population, Projection } from "./network.ts";
import { type SpikeList, spikeList } from "./observation.ts";
import type { ParameterValues } from "./parameters.ts";
import { sortSpikes } from "./spike-order.ts";

/** The arrivals at one neuron. */
export interface Deliveries {
  count: number;
  /** Ascending; the end stands behind the last. */
  time: Float64Array;
  /** From the one before, or from 0, to this one; behind the last that to the end. */
  gap: Float64Array;
  /** Place of the weight. */
  place: Int32Array;
  /** Place of the delay among the parameters, −1 without one. */
  delay: Int32Array;
  /** The spike that arrives, as an index into the spikes; −1 for an input. */
  cause: Int32Array;
}

export interface DeliveryReader {
  /** Takes the spikes of a sample that can matter: the first `count` of each list. */
  read(inputs: SpikeList, inputCount: number, spikes: SpikeList, spikeCount: number): void;
  /** The arrivals before `end` at the neuron of a column; valid until the next call. */
  of(column: number, end: number): Deliveries;
  /** Arrivals that the last `of` left out because they come at or after the end. */
  late: number;
}

/** @param sources whether the spikes of a population are read; inputs always are */
export function createDeliveryReader(
  network: Network,
  population: Population,
  values: ParameterValues,
  sources: (population: string) => boolean = () => true,
): DeliveryReader {
  const projections = network.projections.filter(
    ({ from, to, sourceStart }) => to === population.name && (sourceStart < network.inputs || sources(from)),
  );
  /** Whether all neurons see all arrivals at the same times. */
  const alike = projections.every(({ delay }) => delay === undefined || delay.kind === "axonal");
  /** What was sent: time, place of the weight and of the delay for column 0, how the latter grows with it, the cause. */
  let time = new Float64Array(64);
  let row = new Int32Array(64);
  let delay = new Int32Array(64);
  let stride = new Int32Array(64);
  let cause = new Int32Array(64);
  let sent = 0;
  const order = spikeList(64);
  const scratch = spikeList(64);
  const out: Deliveries = {
    count: 0,
    time: new Float64Array(64),
    gap: new Float64Array(64),
    place: new Int32Array(64),
    delay: new Int32Array(64),
    cause: new Int32Array(64),
  };
  let sorted = false;

  const add = (list: SpikeList, count: number, first: number, external: boolean): void => {
    for (const { sourceStart, sources: width, offset, targets, delay: delayed } of projections) {
      if (sourceStart < network.inputs !== external) continue;
      for (let k = 0; k < count; k++) {
        const source = list.index[k]! + first - sourceStart;
        if (source < 0 || source >= width) continue;
        if (sent === time.length) grow();
        time[sent] = list.time[k]!;
        row[sent] = offset + source * targets;
        cause[sent] = external ? -1 : k;
        delay[sent] = -1;
        stride[sent] = 0;
        if (delayed !== undefined) {
          const { kind, segment } = delayed;
          const own = kind === "axonal" ? source : kind === "dendritic" ? 0 : source * targets;
          delay[sent] = segment.offset + own;
          stride[sent] = kind === "axonal" ? 0 : 1;
        }
        sent++;
      }
    }
  };

  const grow = (): void => {
    const size = 2 * time.length;
    const longer = (from: Int32Array): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(size);
      to.set(from);
      return to;
    };
    const times = new Float64Array(size);
    times.set(time);
    time = times;
    row = longer(row);
    delay = longer(delay);
    stride = longer(stride);
    cause = longer(cause);
  };

  const sort = (column: number): void => {
    if (order.time.length < sent) {
      order.time = new Float64Array(2 * sent);
      order.index = new Int32Array(2 * sent);
    }
    order.count = sent;
    for (let k = 0; k < sent; k++) {
      const lag = delay[k] === -1 ? 0 : values.value[delay[k]! + stride[k]! * column]!;
      order.time[k] = time[k]! + lag;
      order.index[k] = k;
    }
    sortSpikes(order, scratch);
  };

  const reader: DeliveryReader = {
    late: 0,
    read(inputs, inputCount, spikes, spikeCount) {
      sent = 0;
      sorted = false;
      add(spikes, spikeCount, network.inputs, false);
      add(inputs, inputCount, 0, true);
    },
    of(column, end) {
      if (!(sorted && alike)) sort(column);
      sorted = true;
      if (out.time.length <= sent) {
        const size = 2 * sent + 1;
        out.time = new Float64Array(size);
        out.gap = new Float64Array(size);
        out.place = new Int32Array(size);
        out.delay = new Int32Array(size);
        out.cause = new Int32Array(size);
      }
      let count = 0;
      let last = 0;
      for (; count < sent && order.time[count]! < end; count++) {
        const k = order.index[count]!;
        const now = order.time[count]!;
        out.time[count] = now;
        out.gap[count] = now - last;
        last = now;
        out.place[count] = row[k]! + column;
        out.delay[count] = delay[k] === -1 ? -1 : delay[k]! + stride[k]! * column;
        out.cause[count] = cause[k]!;
      }
      out.time[count] = end;
      out.gap[count] = end - last;
      out.count = count;
      reader.late = sent - count;
      return out;
    },
  };
  return reader;
}

/** The delay of a projection from one of its sources to one of its targets. */
export function delayOf(
  { delay, targets }: Projection,
  source: number,
  target: number,
  value: Float64Array,
): number {
  if (delay === undefined) return 0;
  const { kind, segment } = delay;
  const own = kind === "axonal" ? source : kind === "dendritic" ? target : source * targets + target;
  return value[segment.offset + own]!;
}
