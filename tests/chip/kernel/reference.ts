/**
 * The kernel's equations integrated plainly in f64: classical Runge–Kutta at a very small step, crossings by linear
 * interpolation, jumps at the crossing's time. Shares nothing with src/chip/kernel but the contract; slow; no noise.
 */

import type { KernelInput, KernelNeurons, SynapticJumps } from "../../../src/chip/kernel/kernel.ts";

export interface ReferenceSpike {
  readonly time: number;
  readonly neuron: number;
}

export interface ReferenceRun {
  readonly spikes: readonly ReferenceSpike[];
  /** Membrane of a neuron at the times asked for, `membrane[k * count + neuron]`. */
  readonly membrane: Float64Array;
}

/** Drive of a synaptic input: linear to half the limit, then a parabola to the limit. */
export function saturated(current: number, limit: number): number {
  if (current <= limit / 2) return current;
  if (current >= 1.5 * limit) return limit;
  return current - (current - limit / 2) ** 2 / (2 * limit);
}

export function simulateFinely(
  neurons: KernelNeurons,
  jumps: SynapticJumps,
  input: KernelInput,
  step: number,
  readTimes: readonly number[] = [],
): ReferenceRun {
  const { count, adex } = neurons;
  const v = neurons.leak.slice();
  const ie = new Float64Array(count);
  const ii = new Float64Array(count);
  const w = new Float64Array(count);
  const free = new Float64Array(count);
  const spikes: ReferenceSpike[] = [];
  const membrane = new Float64Array(readTimes.length * count);

  const slope = (i: number, x: number, exc: number, inh: number, adapt: number): number => {
    let rate = (neurons.leak[i]! - x) / neurons.tauMem[i]!;
    rate += saturated(exc, neurons.saturationExc[i]!) - saturated(inh, neurons.saturationInh[i]!);
    if (adex === undefined) return rate;
    const width = adex.expSlope[i]!;
    if (width > 0) {
      const capped = Math.min(x, neurons.threshold[i]!, neurons.railHigh[i]!);
      rate += (width / neurons.tauMem[i]!) * Math.exp((capped - adex.expThreshold[i]!) / width);
    }
    return rate - adapt;
  };
  const adaptation = (i: number, x: number, adapt: number): number =>
    adex === undefined ? 0 : (adex.adaptA[i]! * (x - adex.adaptLeak[i]!) - adapt) / adex.adaptTau[i]!;

  const advance = (i: number, d: number): void => {
    const halfE = ie[i]! * Math.exp(-d / 2 / neurons.tauSynExc[i]!);
    const halfI = ii[i]! * Math.exp(-d / 2 / neurons.tauSynInh[i]!);
    const endE = ie[i]! * Math.exp(-d / neurons.tauSynExc[i]!);
    const endI = ii[i]! * Math.exp(-d / neurons.tauSynInh[i]!);
    const x = v[i]!;
    const a = w[i]!;
    const k1 = slope(i, x, ie[i]!, ii[i]!, a);
    const m1 = adaptation(i, x, a);
    const k2 = slope(i, x + (d / 2) * k1, halfE, halfI, a + (d / 2) * m1);
    const m2 = adaptation(i, x + (d / 2) * k1, a + (d / 2) * m1);
    const k3 = slope(i, x + (d / 2) * k2, halfE, halfI, a + (d / 2) * m2);
    const m3 = adaptation(i, x + (d / 2) * k2, a + (d / 2) * m2);
    const k4 = slope(i, x + d * k3, endE, endI, a + d * m3);
    const m4 = adaptation(i, x + d * k3, a + d * m3);
    const next = x + (d / 6) * (k1 + 2 * k2 + 2 * k3 + k4);
    v[i] = Math.min(Math.max(next, neurons.railLow[i]!), neurons.railHigh[i]!);
    w[i] = a + (d / 6) * (m1 + 2 * m2 + 2 * m3 + m4);
    ie[i] = endE;
    ii[i] = endI;
  };

  const times = new Set<number>([0, input.duration]);
  for (let k = 1; k * step < input.duration; k++) times.add(k * step);
  for (let k = input.from; k < input.to; k++) times.add(input.time[k]!);
  for (const time of readTimes) times.add(time);
  const grid = [...times].filter((time) => time <= input.duration).sort((one, other) => one - other);

  let event = input.from;
  let read = 0;
  const arrive = (now: number): void => {
    for (; event < input.to && input.time[event]! <= now; event++) {
      for (let i = 0; i < count; i++) {
        ie[i] = ie[i]! + jumps.exc[input.row[event]! * count + i]!;
        ii[i] = ii[i]! + jumps.inh[input.row[event]! * count + i]!;
      }
    }
    for (; read < readTimes.length && readTimes[read]! <= now; read++) membrane.set(v, read * count);
  };
  arrive(0);
  for (let k = 1; k < grid.length; k++) {
    const from = grid[k - 1]!;
    const to = grid[k]!;
    const fired: ReferenceSpike[] = [];
    for (let i = 0; i < count; i++) {
      const x = v[i]!;
      if (free[i]! > from) {
        const until = Math.min(free[i]!, to);
        advance(i, until - from);
        v[i] = neurons.reset[i]!;
        if (until < to) advance(i, to - until);
        continue;
      }
      advance(i, to - from);
      if (v[i]! < neurons.threshold[i]!) continue;
      const time =
        x >= neurons.threshold[i]! ? from : from + ((neurons.threshold[i]! - x) / (v[i]! - x)) * (to - from);
      fired.push({ time, neuron: i });
    }
    fired.sort((one, other) => one.time - other.time);
    for (const spike of fired) {
      spikes.push(spike);
      v[spike.neuron] = neurons.reset[spike.neuron]!;
      free[spike.neuron] = spike.time + neurons.refractory[spike.neuron]!;
      if (adex !== undefined) w[spike.neuron] = w[spike.neuron]! + adex.adaptB[spike.neuron]!;
      const row = jumps.spikeRow[spike.neuron]!;
      if (row < 0) continue;
      const late = to - spike.time;
      for (let i = 0; i < count; i++) {
        const exc = jumps.exc[row * count + i]!;
        const inh = jumps.inh[row * count + i]!;
        const limitE = neurons.saturationExc[i]!;
        const limitI = neurons.saturationInh[i]!;
        const gain = saturated(ie[i]! + exc, limitE) - saturated(ie[i]!, limitE);
        const loss = saturated(ii[i]! + inh, limitI) - saturated(ii[i]!, limitI);
        ie[i] = ie[i]! + exc * Math.exp(-late / neurons.tauSynExc[i]!);
        ii[i] = ii[i]! + inh * Math.exp(-late / neurons.tauSynInh[i]!);
        if (free[i]! <= from) v[i] = v[i]! + (gain - loss) * late;
      }
    }
    arrive(to);
  }
  return { spikes, membrane };
}

/** Pairs the spikes of two runs neuron by neuron; `tolerance` in µs. */
export function compareSpikes(
  one: readonly ReferenceSpike[],
  other: readonly ReferenceSpike[],
  tolerance: number,
): { readonly missed: number; readonly extra: number; readonly errors: readonly number[] } {
  const perNeuron = (spikes: readonly ReferenceSpike[]): Map<number, number[]> => {
    const map = new Map<number, number[]>();
    for (const { neuron, time } of spikes) {
      const times = map.get(neuron);
      if (times === undefined) map.set(neuron, [time]);
      else times.push(time);
    }
    return map;
  };
  const expected = perNeuron(other);
  const got = perNeuron(one);
  const errors: number[] = [];
  let missed = 0;
  let extra = 0;
  for (const neuron of new Set([...expected.keys(), ...got.keys()])) {
    const a = got.get(neuron) ?? [];
    const b = expected.get(neuron) ?? [];
    let j = 0;
    let k = 0;
    while (j < a.length && k < b.length) {
      const difference = a[j]! - b[k]!;
      if (Math.abs(difference) <= tolerance) {
        errors.push(Math.abs(difference));
        j++;
        k++;
      } else if (difference < 0) {
        extra++;
        j++;
      } else {
        missed++;
        k++;
      }
    }
    extra += a.length - j;
    missed += b.length - k;
  }
  errors.sort((x, y) => x - y);
  return { missed, extra, errors };
}
