/**
 * One neuron where a search for crossings is easily wrong: a threshold next to the upper rail, a short peak between
 * strong opposed currents, and noise between the ends of steps. Expected times are from 50-digit arithmetic.
 */

import { describe, expect, it } from "vitest";
import { createKernel } from "../../../src/chip/kernel/host.ts";
import type { KernelNeurons } from "../../../src/chip/kernel/kernel.ts";

const NONE = new Float64Array(0);

interface Neuron {
  readonly tauMem: number;
  readonly tauSynExc: number;
  readonly tauSynInh: number;
  readonly threshold: number;
  readonly refractory?: number;
  readonly noise?: number;
}

/** `count` equal neurons of group 0 with leak and reset at 80 LSB, rails at 25 and 228. */
function equal(count: number, neuron: Neuron): KernelNeurons {
  const all = (value: number): Float64Array => new Float64Array(count).fill(value);
  return {
    count,
    group: new Uint8Array(count),
    tauMem: all(neuron.tauMem),
    tauSynExc: all(neuron.tauSynExc),
    tauSynInh: all(neuron.tauSynInh),
    leak: all(80),
    threshold: all(neuron.threshold),
    reset: all(80),
    refractory: all(neuron.refractory ?? 1),
    noise: all(neuron.noise ?? 0),
    saturationExc: all(Number.POSITIVE_INFINITY),
    saturationInh: all(Number.POSITIVE_INFINITY),
    railLow: all(25),
    railHigh: all(228),
  };
}

type Event = readonly [time: number, sign: "exc" | "inh", jump: number];

/** Spike times of one neuron within 30 us. */
function spikesOf(neuron: Neuron, step: number, events: readonly Event[]): number[] {
  const kernel = createKernel();
  kernel.setNeurons(equal(1, neuron), step);
  const of = (sign: string): Float32Array =>
    Float32Array.from(events, (event) => (event[1] === sign ? event[2] : 0));
  kernel.setJumps({
    rows: events.length,
    exc: of("exc"),
    inh: of("inh"),
    spikeRow: Int32Array.of(-1),
  });
  const output = kernel.run({
    duration: 30,
    time: Float64Array.from(events, ([time]) => time),
    row: Int32Array.from(events, (_, row) => row),
    from: 0,
    to: events.length,
    eventNoise: 0,
    sampleTime: [NONE, NONE],
    traceNeuron: -1,
    traceSource: "membrane",
    traceTime: NONE,
    noiseKey: new Uint32Array(4),
  });
  return [...output.spikeTime.subarray(0, output.spikes)];
}

describe("a threshold next to the upper rail", () => {
  // [threshold in LSB, jump of the current in LSB/us, first spike in us]
  it.each([
    [190, 150, 2.844112488092705],
    [210, 150, 3.028766162180689],
    [220, 100, 3.931761805922291],
    [220, 150, 3.126003140231639],
  ])("%i LSB is met when the membrane without a rail meets it, jump %i", (threshold, jump, expected) => {
    const neuron = { tauMem: 6, tauSynExc: 6, tauSynInh: 6, threshold };
    const [first] = spikesOf(neuron, 0.75, [[2, "exc", jump]]);
    expect(Math.abs(first! - expected)).toBeLessThan(1e-5);
  });

  it("is met as exactly after the refractory time", () => {
    const neuron = { tauMem: 6, tauSynExc: 6, tauSynInh: 6, threshold: 226 };
    const event: Event = [2, "exc", 1500];
    const coarse = spikesOf(neuron, 0.75, [event]);
    const fine = spikesOf(neuron, 0.02, [event]);
    expect(coarse.length).toBeGreaterThan(4);
    expect(coarse).toHaveLength(fine.length);
    coarse.forEach((time, k) => {
      expect(Math.abs(time - fine[k]!)).toBeLessThan(1e-4);
    });
  });
});

it("a short peak between strong opposed currents is found, though both ends of its step are well below", () => {
  const neuron = {
    tauMem: 4.310789652061179,
    tauSynExc: 1.3904500720867987,
    tauSynInh: 4.11863691517079,
    threshold: 190,
    refractory: 35,
  };
  const events: readonly Event[] = [
    [2, "exc", 1128.9534912109375],
    [2.101, "inh", 965.2571411132812],
  ];
  const spikes = spikesOf(neuron, 0.25, events);
  expect(spikes).toHaveLength(1);
  expect(Math.abs(spikes[0]! - 2.1258509976998656)).toBeLessThan(1e-5);
});

describe("the noise of a resting membrane", () => {
  const COUNT = 512;
  const TIMES = 800;

  // [tau_mem in us, step in us]: the last two steps are longer than a chip makes them.
  it.each([
    [6, 0.75],
    [1, 0.25],
    [0.5, 0.25],
    [0.3, 0.25],
  ])("is equally large at ends of steps and between them, tau_mem %d us", (tauMem, step) => {
    const kernel = createKernel();
    const neuron = { tauMem, tauSynExc: 6, tauSynInh: 6, threshold: 190, noise: 1 };
    kernel.setNeurons(equal(COUNT, { ...neuron, threshold: Number.POSITIVE_INFINITY }), step);
    kernel.setJumps({
      rows: 0,
      exc: new Float32Array(0),
      inh: new Float32Array(0),
      spikeRow: new Int32Array(COUNT).fill(-1),
    });
    // Four samples within each of some steps, far enough apart to be independent.
    const every = Math.ceil((4 * tauMem) / step) * step;
    const times = Float64Array.from(
      { length: 4 * TIMES },
      (_, k) => every * (1 + Math.floor(k / 4)) + ((k % 4) / 4) * step + 1e-6,
    );
    const output = kernel.run({
      duration: every * (TIMES + 2),
      time: NONE,
      row: new Int32Array(0),
      from: 0,
      to: 0,
      eventNoise: 0,
      sampleTime: [times, NONE],
      traceNeuron: -1,
      traceSource: "membrane",
      traceTime: NONE,
      noiseKey: Uint32Array.of(1, 2, 3, 4),
    });
    const squares = [0, 0, 0, 0];
    const steps = [0, 0, 0, 0];
    const at = (k: number, i: number): number => output.sample[0][k * COUNT + i]! - 80;
    for (let k = 0; k < times.length; k++) {
      for (let i = 0; i < COUNT; i++) {
        squares[k % 4]! += at(k, i) ** 2;
        if (k % 4 > 0) steps[k % 4]! += (at(k, i) - at(k - 1, i)) ** 2;
      }
    }
    // Relative error of an estimate from 400 000 values: 0.0011.
    for (const sum of squares) expect(Math.abs(Math.sqrt(sum / (COUNT * TIMES)) - 1)).toBeLessThan(0.006);
    // The increment over a quarter of a step has the variance 2 (1 - exp(-d/tau)).
    const increment = Math.sqrt(-2 * Math.expm1(-step / 4 / tauMem));
    for (const sum of steps.slice(1)) {
      expect(Math.abs(Math.sqrt(sum / (COUNT * TIMES)) / increment - 1)).toBeLessThan(0.01);
    }
  });
});
