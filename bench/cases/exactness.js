/**
 * Spikes of the kernel, without noise, against its equations integrated plainly in double precision at 2 ns
 * (tests/chip/kernel/reference.ts): which are the same within one time stamp of the chip, which are missed, which extra.
 * Over thresholds up to the upper rail, and over time constants; as an ideal chip has its neurons and as a simulated one.
 *
 * A network: 24 neurons, of which 16 spike onto 8 others and, weakly, onto each other; 5 inputs of 3 events each.
 */

import { readFileSync } from "node:fs";
import ts from "typescript";
import { createKernel, DEFAULT_STEP, kernelStep, stream } from "../../dist/bench/parts.js";
import { matchSpikes } from "../match-spikes.js";

const INPUTS = 5;
const EVENTS = 15;
const NEURONS = 24;
const SENDERS = 16;
const FINE = 0.002;
const STAMP = 0.008;
/** Spikes further apart are not the same, µs. */
const SAME_SPIKE = 0.5;
const LEAK = 80;
const CHIPS = ["ideal", "simulated"];
const THRESHOLDS = [150, 190, 210, 220];
const TIME_CONSTANTS = [0.5, 1, 2, 6, 20, 60];

export async function run({ quick }) {
  const simulateFinely = await plainIntegration();
  const networks = quick ? 2 : 24;
  const rows = [];
  for (const chip of CHIPS) {
    for (const threshold of THRESHOLDS) rows.push(row(simulateFinely, { chip, threshold, tau: 6 }, networks));
    for (const tau of TIME_CONSTANTS) rows.push(row(simulateFinely, { chip, threshold: 190, tau }, networks));
  }
  return rows;
}

/** The tests' own integration; it is TypeScript, whose types this Node may not know how to leave out. */
async function plainIntegration() {
  const source = readFileSync(new URL("../../tests/chip/kernel/reference.ts", import.meta.url), "utf8");
  const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.ESNext } });
  const module = await import(`data:text/javascript,${encodeURIComponent(outputText)}`);
  return module.simulateFinely;
}

function row(simulateFinely, kind, networks) {
  const kernel = createKernel();
  const distances = [];
  let spikes = 0;
  let missed = 0;
  let extra = 0;
  for (let seed = 0; seed < networks; seed++) {
    const draws = stream(seed, "bench/exactness");
    const neurons = neuronsOf(kind, draws);
    const jumps = jumpsOf(kind, draws);
    const input = inputOf(kind, draws);
    kernel.setNeurons(neurons, kernelStep(neurons, DEFAULT_STEP));
    kernel.setJumps(jumps);
    const output = kernel.run(input);
    const found = {
      time: output.spikeTime.slice(0, output.spikes),
      neuron: output.spikeNeuron.slice(0, output.spikes),
    };
    const { spikes: reference } = simulateFinely(neurons, jumps, input, FINE);
    const exact = { time: reference.map(({ time }) => time), neuron: reference.map(({ neuron }) => neuron) };
    const result = matchSpikes(found, exact, NEURONS, SAME_SPIKE, distances);
    spikes += reference.length;
    missed += result.missed;
    extra += result.extra;
  }
  const within = distances.filter((distance) => distance <= STAMP).length;
  return {
    what: `${kind.chip} chip, threshold ${kind.threshold} LSB, time constants ${kind.tau} us`,
    unit: "%",
    value: (100 * within) / spikes,
    note: `${spikes} spikes, ${missed} missed, ${extra} extra`,
  };
}

function neuronsOf({ chip, threshold, tau }, draws) {
  const simulated = chip === "simulated";
  const each = (value) => Float64Array.from({ length: NEURONS }, value);
  const around = (value) => each(() => value * Math.exp(simulated ? 0.1 * draws.normal() : 0));
  const far = Number.POSITIVE_INFINITY;
  // Three times the current that holds a membrane at its threshold.
  const saturation = each(() => (simulated ? (3 * (threshold - LEAK)) / tau : far));
  return {
    count: NEURONS,
    group: new Uint8Array(NEURONS),
    tauMem: around(tau),
    tauSynExc: around(tau),
    tauSynInh: around(tau),
    leak: each(() => LEAK + (simulated ? draws.normal() : 0)),
    threshold: each((_, i) => (i < SENDERS ? threshold + (simulated ? draws.normal() : 0) : far)),
    reset: each(() => LEAK),
    refractory: around(1),
    noise: each(() => 0),
    saturationExc: saturation,
    saturationInh: saturation,
    railLow: each(() => (simulated ? 25 : -far)),
    railHigh: each(() => (simulated ? 228 : far)),
  };
}

/** Input weights that single events of which make a neuron spike or not; a weight w is a jump w · ϑ/τ. */
function jumpsOf({ threshold, tau }, draws) {
  const rows = INPUTS + NEURONS;
  const exc = new Float32Array(rows * NEURONS);
  const inh = new Float32Array(rows * NEURONS);
  for (let row = 0; row < rows; row++) {
    for (let neuron = 0; neuron < NEURONS; neuron++) {
      const weight = row < INPUTS ? 1.5 + 2 * draws.normal() : 0.15 * draws.normal();
      const jumps = weight > 0 ? exc : inh;
      jumps[row * NEURONS + neuron] = (Math.abs(weight) * (threshold - LEAK)) / tau;
    }
  }
  return {
    rows,
    exc,
    inh,
    spikeRow: Int32Array.from({ length: NEURONS }, (_, i) => (i < SENDERS ? INPUTS + i : -1)),
  };
}

function inputOf({ tau }, draws) {
  const span = Math.min(60, 6 * tau + 10);
  const events = Array.from({ length: EVENTS }, (_, k) => ({
    time: Math.round((1 + (0.6 * span - 1) * draws.uniform()) / STAMP) * STAMP,
    row: k % INPUTS,
  })).sort((a, b) => a.time - b.time);
  const none = new Float64Array(0);
  return {
    duration: span,
    time: Float64Array.from(events, ({ time }) => time),
    row: Int32Array.from(events, ({ row }) => row),
    from: 0,
    to: EVENTS,
    eventNoise: 0,
    sampleTime: [none, none],
    traceNeuron: -1,
    traceSource: "membrane",
    traceTime: none,
    noiseKey: new Uint32Array(4),
  };
}
