/**
 * The backward pass alone, on one core, per estimator: observations are made once and kept, then every
 * estimator goes through them again and again.
 */

import { createLoss, initialWeights, openReplica, prepareRun } from "../../dist/bench/parts.js";
import { inTurns } from "../measure.js";
import { HUNDRED_SPIKES, loadBench, planOf, slice } from "../workload.js";

const SAMPLES = 100;

/** Closed-form spike times exist where tau_mem is tau_syn or twice that. */
const RATIO_TWO = [
  "network.populations.hidden={ size: 120, tauMem: 10 ms }",
  "network.populations.output.tauMem=10 ms",
];

/** [estimator, experiment, overrides, floor] */
const TABLE = [
  ["eventprop", "yin-yang", HUNDRED_SPIKES, 15],
  ["eventprop-grid", "yin-yang", HUNDRED_SPIKES],
  ["surrogate", "yin-yang", HUNDRED_SPIKES],
  ["eventprop", "wunderlich-pehle", RATIO_TWO],
  ["first-spike", "wunderlich-pehle", RATIO_TWO],
];

export async function run({ quick }) {
  const passes = [];
  for (const [kind, name, set, floor] of TABLE) {
    const { experiment } = loadBench(name, [...set, `estimator={ kind: ${kind} }`]);
    passes.push({ ...(await keptObservations(await planOf(experiment))), kind, experiment: name, floor });
  }
  const variants = passes.map((pass) => ({
    name: `${pass.kind}, ${pass.experiment}`,
    units: SAMPLES,
    run: pass.run,
  }));
  const results = await inTurns(variants, { blocks: quick ? 7 : 31, warmUp: quick ? 3 : 8 });
  return passes.map(({ kind, experiment, spikes, floor }) => {
    const name = `${kind}, ${experiment}`;
    const { cpu, wall } = results.get(name);
    const where = experiment === "yin-yang" ? "observed on the chip" : "spiking outputs, in software";
    return {
      what: `${kind}: ${where}`,
      unit: "us/sample",
      cpu,
      wall,
      spikes,
      ...(floor === undefined ? {} : { floor }),
    };
  });
}

/** Observations of some samples with their cotangents, and a pass over all of them. */
export async function keptObservations(config) {
  const { experiment } = config;
  const { executor, estimator, network, splits } = await openReplica(prepareRun(config));
  const loss = createLoss(network, experiment.loss);
  const weights = initialWeights(experiment, network);
  await executor.load(weights);
  const inputs = slice(splits[0].inputs, 0, SAMPLES);
  const kept = [];
  const value = { total: 0, classification: 0, regularization: 0, prediction: -1, missingOutputs: 0 };
  const cotangent = { spike: new Float64Array(256), voltage: new Float64Array(256) };
  let spikes = 0;
  const keep = (sample, observation) => {
    loss.evaluate(observation, splits[0].labels[sample], cotangent, value);
    kept.push(structuredClone({ observation, cotangent }));
    spikes += observation.spikes.count;
  };
  await executor.observe(inputs, 0, keep, { bytes: 0, chipMs: 0 });
  await executor.close();
  const gradient = new Float64Array(network.parameters);
  const counts = { cappedJumps: 0, spikes: 0 };
  return {
    samples: SAMPLES,
    spikes: spikes / SAMPLES,
    async run() {
      for (const { observation, cotangent } of kept) {
        estimator.accumulate(observation, weights, cotangent, gradient, counts);
      }
    },
  };
}
