/**
 * What the speed is not paid with. The kernel against the exact event-driven solution, every constant of every
 * neuron different, without noise; the chip with all default effects but noise, which no exact solution knows,
 * against a shorter step; and with noise, where only the number of spikes can be compared.
 *
 * Not much shorter: the kernel adds up in single precision, and more steps round more often. Without noise its
 * error against the exact solution grows from 0.6 ps at 0.75 µs over 1.5 ps at 0.25 µs to 13 ps at 0.03 µs.
 */

import {
  buildNetwork,
  createKernel,
  createObservation,
  createSimulator,
  DEFAULT_STEP,
  stream,
  withConstants,
} from "../../dist/bench/parts.js";
import { matchSpikes } from "../match-spikes.js";
import { quantile } from "../statistics.js";
import { HUNDRED_SPIKES, loadBench, openLab, planOf, slice } from "../workload.js";

const STEP = DEFAULT_STEP;
const SHORT = 0.125;
const FINE = 0.0125;
/** Matching tolerance, µs. */
const TOLERANCE = 1;
const NEURONS = 120;
const INPUTS = 5;

export async function run({ quick }) {
  const samples = quick ? 200 : 1000;
  return [againstExact(samples), await againstShortStep(samples), ...(await countsWithNoise(samples))];
}

/** Potentials in model units: a weight w of the network is a jump of w/τ_m in the kernel. */
function againstExact(samples) {
  const network = mismatched();
  const { constants } = network;
  const draws = stream(3, "bench/accuracy");
  const exc = new Float32Array(INPUTS * NEURONS);
  const inh = new Float32Array(INPUTS * NEURONS);
  const weights = new Float64Array(network.weights);
  for (let i = 0; i < weights.length; i++) {
    const weight = 0.8 + 0.8 * draws.normal();
    const jump = weight > 0 ? exc : inh;
    jump[i] = Math.abs(weight) / constants.tauMem[i % NEURONS];
    weights[i] = Math.sign(weight) * jump[i] * constants.tauMem[i % NEURONS];
  }
  const kernel = createKernel();
  kernel.setNeurons(kernelNeurons(constants), STEP);
  kernel.setJumps({ rows: INPUTS, exc, inh, spikeRow: new Int32Array(NEURONS).fill(-1) });
  const simulator = createSimulator(network);
  const observation = createObservation(network);
  const noTimes = new Float64Array(0);
  const result = emptyComparison();
  for (let sample = 0; sample < samples; sample++) {
    const { time, source } = yinYangLike(draws);
    simulator.run(weights, { time, source, from: 0, to: INPUTS }, [{ kind: "none" }], observation);
    const output = kernel.run({
      duration: network.duration,
      time,
      row: source,
      from: 0,
      to: INPUTS,
      eventNoise: 0,
      sampleTime: [noTimes, noTimes],
      traceNeuron: -1,
      traceSource: "membrane",
      traceTime: noTimes,
      noiseKey: new Uint32Array(4),
    });
    const { time: exactTime, index, count } = observation.spikes;
    compare(spikesOf(output), { time: exactTime.slice(0, count), neuron: index.slice(0, count) }, result);
  }
  return rowOf(`kernel, step ${STEP} us, against the exact solution`, result, samples, {
    matchedFloor: 99.98,
    medianFloorPs: 10,
  });
}

function mismatched() {
  const population = {
    name: "hidden",
    model: "lif",
    size: NEURONS,
    tauMem: 6,
    tauSynExc: 6,
    tauSynInh: 6,
    threshold: 1,
    reset: 0,
    refractory: 1,
  };
  const network = buildNetwork(INPUTS, [population], [{ from: "input", to: "hidden", rows: 1 }], 38);
  const draws = stream(2, "bench/mismatch");
  const spread = (values, relative) => values.map((value) => value * Math.exp(relative * draws.normal()));
  const { tauMem, tauSynExc, tauSynInh, threshold, reset, refractory } = network.constants;
  return withConstants(network, {
    tauMem: spread(tauMem, 0.1),
    tauSynExc: spread(tauSynExc, 0.1),
    tauSynInh: spread(tauSynInh, 0.1),
    threshold: spread(threshold, 0.05).map(Math.fround),
    reset: reset.map(() => Math.fround(0.05 * draws.normal())),
    refractory: spread(refractory, 0.05),
  });
}

function kernelNeurons(constants) {
  const all = (value) => new Float64Array(NEURONS).fill(value);
  const far = Number.POSITIVE_INFINITY;
  return {
    count: NEURONS,
    group: new Uint8Array(NEURONS),
    ...constants,
    leak: all(0),
    noise: all(0),
    saturationExc: all(far),
    saturationInh: all(far),
    railLow: all(-1e9),
    railHigh: all(1e9),
  };
}

/** x, y, 1 − x, 1 − y between 2 and 26 µs, and a bias at 2 µs. */
function yinYangLike(draws) {
  const [x, y] = [draws.uniform(), draws.uniform()];
  const events = [0, x, y, 1 - x, 1 - y].map((value, source) => ({ time: 2 + 24 * value, source }));
  events.sort((a, b) => a.time - b.time);
  return {
    time: Float64Array.from(events, ({ time }) => time),
    source: Int32Array.from(events, ({ source }) => source),
  };
}

/** With the words of the complete chip, whatever `set` takes away. */
async function openChipLab(step, set, listen) {
  const { calibrations } = await planOf(loadBench("yin-yang", HUNDRED_SPIKES).experiment);
  const { experiment } = loadBench("yin-yang", [...HUNDRED_SPIKES, `chip.step=${step} us`, ...set]);
  return openLab({ experiment, calibrations }, listen);
}

/** The time stamps of the chip, 8 ns apart, are too coarse: this listens at the kernel. */
async function againstShortStep(samples) {
  const heard = [];
  for (const step of [STEP, SHORT]) {
    const trains = [];
    const listen = (kernel) => ({
      ...kernel,
      run(input) {
        const output = kernel.run(input);
        trains.push(spikesOf(output));
        return output;
      },
    });
    await emulate(await openChipLab(step, ["chip.noise=0"], listen), samples);
    heard.push(trains);
  }
  const result = emptyComparison();
  heard[0].forEach((train, sample) => {
    compare(train, heard[1][sample], result);
  });
  return rowOf(`chip without noise, step ${STEP} against ${SHORT} us`, result, samples, {
    matchedFloor: 99.98,
    medianFloorPs: 10,
  });
}

async function countsWithNoise(samples) {
  const counts = [];
  for (const step of [STEP, FINE])
    counts.push((await emulate(await openChipLab(step, []), samples)) / samples);
  const [coarse, fine] = counts;
  return [
    {
      what: `chip with all effects, step ${STEP} against ${FINE} us: spikes per sample`,
      unit: "%",
      value: 100 * (coarse / fine - 1),
      spikes: coarse,
      within: 1,
      note: `${coarse.toFixed(2)} against ${fine.toFixed(2)}, ${samples} samples`,
    },
  ];
}

async function emulate({ chip, mapped, samples: all, options }, samples) {
  let spikes = 0;
  for (let from = 0; from < samples; from += 50) {
    const batch = slice(all, from, from + 50);
    const recording = await chip.run(mapped.encode(batch), {
      ...options,
      noiseKey: { run: from, sample: batch.id },
    });
    spikes += recording.spikes.count;
  }
  return spikes;
}

function spikesOf({ spikes, spikeTime, spikeNeuron }) {
  return { time: spikeTime.slice(0, spikes), neuron: spikeNeuron.slice(0, spikes) };
}

function emptyComparison() {
  return { spikes: 0, missed: 0, extra: 0, distances: [] };
}

function compare(found, wanted, result) {
  const { missed, extra } = matchSpikes(found, wanted, 2 * NEURONS, TOLERANCE, result.distances);
  result.spikes += wanted.time.length;
  result.missed += missed;
  result.extra += extra;
}

function rowOf(what, { spikes, missed, extra, distances }, samples, limits) {
  distances.sort((a, b) => a - b);
  const [middle, most] = [0.5, 0.999].map((share) => 1e6 * quantile(distances, share));
  return {
    what,
    unit: "%",
    value: 100 * (1 - (missed + extra) / spikes),
    medianPs: middle,
    spikes: spikes / samples,
    note: `${spikes} spikes, ${missed} missed, ${extra} extra; median ${middle.toPrecision(2)} ps, 99.9 % within ${most.toPrecision(2)} ps`,
    ...limits,
  };
}
