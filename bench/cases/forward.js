/**
 * The forward pass on one core: 120 LIF + 3 LI on the simulated chip, as far as the membrane kernel alone goes,
 * as far as the chip goes, and with encoding and decoding.
 */

import { createObservation } from "../../dist/bench/parts.js";
import { inTurns } from "../measure.js";
import { CHIP_SAMPLE_US, HUNDRED_SPIKES, loadBench, openLab, planOf, slice } from "../workload.js";

const BATCH = 50;
const BATCHES = 4;
/** Samples of a block of a training batch in the mean (src/engine/shard.ts). */
const SHARE = 4;

export async function run({ quick }) {
  const config = await planOf(loadBench("yin-yang", HUNDRED_SPIKES).experiment);
  const kernel = await replay(config);
  const lab = await openLab(config);
  const batches = Array.from({ length: BATCHES }, (_, i) => slice(lab.samples, i * BATCH, (i + 1) * BATCH));
  const shares = batches.flatMap((batch) => cut(batch));
  const observation = createObservation(lab.mapped.network);
  let trial = 0;
  let spikes = 0;
  const emulate = async (batch, run, decode) => {
    const recording = await lab.chip.run(lab.mapped.encode(batch), {
      ...lab.options,
      noiseKey: { run, sample: batch.id },
    });
    spikes += recording.spikes.count / batch.samples;
    if (decode)
      for (let entry = 0; entry < batch.samples; entry++) lab.mapped.decode(recording, entry, observation);
  };
  const samples = BATCH * BATCHES;
  const variants = [
    { name: "kernel", units: samples, run: kernel.run },
    {
      name: "chip",
      units: samples,
      run: async () => {
        for (const batch of batches) await emulate(batch, trial++, false);
      },
    },
    {
      name: "mapped",
      units: samples,
      run: async () => {
        for (const batch of batches) await emulate(batch, trial++, true);
      },
    },
    {
      name: "shared",
      units: samples,
      run: async () => {
        for (const share of shares) await emulate(share, trial, true);
        trial++;
      },
    },
  ];
  const results = await inTurns(variants, { blocks: quick ? 7 : 31, warmUp: quick ? 3 : 6 });
  spikes = 0;
  for (const batch of batches) await emulate(batch, trial++, false);
  const perSample = spikes / BATCHES;
  const row = (name, what, more = {}) => {
    const { cpu, wall } = results.get(name);
    return { what, unit: "us/sample", cpu, wall, spikes: perSample, chip: CHIP_SAMPLE_US, ...more };
  };
  return [
    row("kernel", "membrane kernel alone, the entries of the chip replayed"),
    row("chip", "simulated chip, all default effects", { floor: 38, aim: 25 }),
    row("mapped", "with encoding and decoding"),
    row("shared", `the same in shares of ${SHARE} samples, as in training`),
  ];
}

/** The kernel with what a chip gave it for some samples, ready to be run again. */
async function replay(config) {
  const inputs = [];
  let inner;
  const listen = (kernel) => {
    inner = kernel;
    return {
      ...kernel,
      run(input) {
        inputs.push(structuredClone(input));
        return kernel.run(input);
      },
    };
  };
  const lab = await openLab(config, listen);
  const batch = slice(lab.samples, 0, BATCH);
  await lab.chip.run(lab.mapped.encode(batch), { ...lab.options, noiseKey: { run: 0, sample: batch.id } });
  return {
    async run() {
      for (let round = 0; round < BATCHES; round++) for (const input of inputs) inner.run(input);
    },
  };
}

function cut(batch) {
  const shares = [];
  for (let from = 0; from < batch.samples; from += SHARE) {
    shares.push(slice(batch, from, Math.min(from + SHARE, batch.samples)));
  }
  return shares;
}
