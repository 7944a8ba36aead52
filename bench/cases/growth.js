/**
 * How cost grows. With neurons: networks that fill the chip, spikes per neuron kept; a second population takes
 * what 128 rows cannot connect to the readout. With samples: epochs of 1000 to 50000, with peak memory.
 */

import { join } from "node:path";
import { readMetrics } from "../../dist/bench/parts.js";
import { inTurns } from "../measure.js";
import { runProgram, workFolder } from "../program.js";
import { median, summary } from "../statistics.js";
import {
  experimentFile,
  HUNDRED_SPIKES,
  loadBench,
  openLab,
  planOf,
  slice,
  useAllCircuits,
} from "../workload.js";
import { keptObservations } from "./backward.js";

const NEURONS = [32, 123, 256, 512];
const SAMPLES = [1000, 5000, 20000, 50000];
const READOUTS = 3;
const CONNECTED = 120;
const BATCH = 50;

export async function run(context) {
  return [
    ...(await byNeurons(context)),
    ...(await backwardByNeurons(context)),
    ...(await bySamples(context)),
  ];
}

async function byNeurons({ quick }) {
  const variants = [];
  for (const neurons of NEURONS) {
    const config = useAllCircuits(await planOf(loadBench("yin-yang", filling(neurons)).experiment));
    const { chip, mapped, samples, options } = await openLab(config);
    const batch = slice(samples, 0, BATCH);
    const variant = {
      name: `forward on the chip, ${neurons} neurons`,
      units: BATCH,
      neurons,
      spikes: 0,
      run: async (block) => {
        const noiseKey = { run: block + 100, sample: batch.id };
        variant.spikes =
          (await chip.run(mapped.encode(batch), { ...options, noiseKey })).spikes.count / BATCH;
      },
    };
    variants.push(variant);
  }
  return rowsOf(variants, await inTurns(variants, { blocks: quick ? 7 : 31, warmUp: 6 }));
}

function filling(neurons) {
  const hidden = Math.min(CONNECTED, neurons - READOUTS);
  const rest = neurons - READOUTS - hidden;
  const set = [...HUNDRED_SPIKES, `network.populations.hidden.size=${hidden}`];
  if (rest === 0) return set;
  return [
    ...set,
    `network.populations.further={ model: lif, size: ${rest}, tauMem: 6 us, tauSyn: 6 us }`,
    "network.projections.input>further={ rows: 5, init: { mean: 0.8, std: 0.8 } }",
  ];
}

/** In software, where any hidden layer can be connected: only the backward pass is timed. */
async function backwardByNeurons({ quick }) {
  const variants = [];
  for (const neurons of NEURONS) {
    const set = [...HUNDRED_SPIKES, `network.populations.hidden.size=${neurons - READOUTS}`];
    const { experiment } = loadBench("yin-yang-software", set);
    const pass = await keptObservations(await planOf(experiment));
    variants.push({
      name: `backward, exact EventProp, ${neurons} neurons`,
      units: pass.samples,
      neurons,
      ...pass,
    });
  }
  return rowsOf(variants, await inTurns(variants, { blocks: quick ? 7 : 31, warmUp: 6 }));
}

function rowsOf(variants, results) {
  return variants.map(({ name, neurons, spikes }) => {
    const { cpu, wall } = results.get(name);
    const note = `${((1000 * cpu.median) / neurons).toFixed(0)} ns per neuron`;
    return { what: name, unit: "us/sample", cpu, wall, spikes, note };
  });
}

async function bySamples({ quick, folder }) {
  await planOf(loadBench("yin-yang").experiment);
  const rows = [];
  for (const samples of quick ? SAMPLES.slice(0, 2) : SAMPLES) {
    const out = join(workFolder(), "run");
    const epochs = Math.max(2, Math.ceil(20_000 / samples));
    const set = [
      ...HUNDRED_SPIKES,
      `data.trainSize=${samples}`,
      `training.epochs=${epochs}`,
      "training.evaluateEvery=1000000",
    ];
    const used = await runProgram(
      [
        "train",
        experimentFile("yin-yang"),
        ...set.flatMap((each) => ["--set", each]),
        "--no-progress",
        "--out",
        out,
      ],
      folder,
    );
    const train = readMetrics(join(out, "metrics.csv")).filter(({ split }) => split === "train");
    const late = train.slice(Math.floor(train.length / 2));
    rows.push({
      what: `training, ${samples} samples an epoch, one worker per core`,
      unit: "us/sample",
      wall: summary(late.map(({ epoch_ms }) => (1000 * epoch_ms) / samples)),
      spikes: median(late.map(({ spikes_per_sample }) => spikes_per_sample)),
      peakMB: used.peakMB,
      ...(samples === 50000 ? { memoryFloor: 300 } : {}),
    });
  }
  return rows;
}
