/**
 * What each effect of the simulated chip costs: the same network and words, with one effect off. Blocks of all
 * variants alternate and the cost is the median of paired ratios. Spikes tell how much the work itself changed.
 */

import { NOISE_EFFECTS, STATIC_EFFECTS } from "../../dist/bench/parts.js";
import { inTurns } from "../measure.js";
import { summary } from "../statistics.js";
import { HUNDRED_SPIKES, loadBench, openLab, planOf, slice } from "../workload.js";

const BATCH = 50;
const ALL = "all default effects";
const FAR = 1e6;

/** What the static effects are, as far as they could cost time per sample. */
const GROUPS = [
  ["saturation of synaptic inputs", /^saturation/, FAR],
  ["rails", /^railHigh/, FAR],
  ["errors of the converter", /^cadc/, 0],
  ["latency of spikes", /^spikeLatency/, 0],
  ["spread of circuits", /Spread/, 0],
];

export async function run({ quick }) {
  const base = await planOf(loadBench("yin-yang", HUNDRED_SPIKES).experiment);
  const groups = [
    ["without noise", ["chip.noise=0"]],
    ["without static effects", ["chip.mismatch=0"]],
    ["without both: an ideal chip", ["chip.noise=0", "chip.mismatch=0"]],
    ...GROUPS.map(([title, pattern, off]) => [`without ${title}`, settings(STATIC_EFFECTS, pattern, off)]),
    ...Object.keys(NOISE_EFFECTS).map((name) => [
      `without ${name}`,
      settings(NOISE_EFFECTS, RegExp(`^${name}$`), 0),
    ]),
  ];
  const variants = [await variant(ALL, base, [])];
  for (const [name, set] of groups) variants.push(await variant(name, base, set));
  const results = await inTurns(variants, { blocks: quick ? 5 : 21, warmUp: 2 });
  const reference = results.get(ALL);
  return variants.map(({ name, spikes }) => {
    const { cpu, wall, cpus } = results.get(name);
    const cost = summary(cpus.map((value, block) => 100 * (reference.cpus[block] / value - 1)));
    return { what: name, unit: "us/sample", cpu, wall, spikes: spikes(), ...(name === ALL ? {} : { cost }) };
  });
}

/** Limits are off where they are far away, deviations where they are 0. */
function settings(effects, pattern, off) {
  const names = Object.keys(effects).filter((name) => pattern.test(name));
  return names.map((name) => `chip.effects.${name}=${off}`);
}

async function variant(name, base, set) {
  const { experiment } = loadBench("yin-yang", [...HUNDRED_SPIKES, ...set]);
  // The words of the complete chip: a missing effect must not change what is programmed.
  const lab = await openLab({ experiment, calibrations: base.calibrations });
  const batch = slice(lab.samples, 0, BATCH);
  let last = 0;
  return {
    name,
    units: BATCH,
    spikes: () => last / BATCH,
    run: async (block) => {
      const recording = await lab.chip.run(lab.mapped.encode(batch), {
        ...lab.options,
        noiseKey: { run: block + 100, sample: batch.id },
      });
      last = recording.spikes.count;
    },
  };
}
