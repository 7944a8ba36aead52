/**
 * Other neuron models than LIF, and delays, in software on one core: the exact simulation of spikes, and the exact
 * adjoint of observations that are kept. 5 inputs, 120 hidden neurons and 3 readouts on Yin-Yang, at the first weights.
 *
 * eventax does the same work in 30 800 us a sample with LIF neurons (5-120-3, forward and backward; a differential
 * equation for all neurons at once, solved by fixed steps), measured once on a machine of this kind.
 */

import {
  createObservation,
  createSimulator,
  initialWeights,
  openReplica,
  prepareRun,
} from "../../dist/bench/parts.js";
import { inTurns } from "../measure.js";
import { loadBench, planOf, slice } from "../workload.js";
import { keptObservations } from "./backward.js";

const EVENTAX_US = 30_800;
const HIDDEN = 120;
const SAMPLES = 50;

const ADAPTATION = "adaptation: 0.2, adaptationJump: 0.2, tauAdaptation: 20 us";

/** [row, the hidden population, overrides, largest us per neuron and sample forward; the adjoint may take twice that] */
const TABLE = [
  ["lif", "{ model: lif, size: 120 }", []],
  ["lif, synaptic delays", "{ model: lif, size: 120 }", ["{ kind: synaptic, init: 1 us, max: 6 us }"]],
  ["alif", `{ model: alif, size: 120, ${ADAPTATION}, thresholdJump: 0.2, tauThreshold: 20 us }`, [], 5],
  [
    "adex, tolerance 1e-6",
    `{ model: adex, size: 120, ${ADAPTATION}, exponentialThreshold: 0.7, slopeFactor: 0.1, tolerance: 1.0e-6 }`,
    [],
    15,
  ],
  ["qif, tolerance 1e-6", "{ model: qif, size: 120, threshold: 10, curvature: 1, tolerance: 1.0e-6 }", []],
];

export async function run({ quick }) {
  const variants = [];
  const rows = [];
  for (const [name, hidden, delays, floor] of TABLE) {
    const set = [
      "estimator={ kind: eventprop }",
      `network.populations.hidden=${hidden}`,
      ...delays.map((delay) => `network.projections.input>hidden.delay=${delay}`),
    ];
    const { experiment } = loadBench("yin-yang-software", set);
    const config = await planOf(experiment);
    const forward = await spikesOnly(config);
    const backward = await keptObservations(config);
    for (const [direction, pass, limit] of [
      ["forward", forward, floor],
      ["backward", backward, floor && 2 * floor],
    ]) {
      const title = `${name}: ${direction}`;
      variants.push({ name: title, units: pass.samples, run: pass.run });
      rows.push({ title, spikes: backward.spikes, limit });
    }
  }
  const results = await inTurns(variants, { blocks: quick ? 5 : 21, warmUp: quick ? 3 : 8 });
  return rows.map(({ title, spikes, limit }) => {
    const { cpu, wall } = results.get(title);
    const each = (cpu.median / HIDDEN).toPrecision(3);
    return {
      what: title,
      unit: "us/sample",
      cpu,
      wall,
      spikes,
      note: `${each} us per hidden neuron`,
      peer: EVENTAX_US,
      judged: "cpu",
      ...(limit === undefined ? {} : { floor: limit * HIDDEN }),
    };
  });
}

/** The spikes of some samples; no membranes are recorded. */
async function spikesOnly(config) {
  const { experiment } = config;
  const { network, splits, executor } = await openReplica(prepareRun(config));
  await executor.close();
  const { offset, time, source } = slice(splits[0].inputs, 0, SAMPLES);
  const weights = initialWeights(experiment, network);
  const simulator = createSimulator(network);
  const record = network.populations.map(() => ({ kind: "none" }));
  const observation = createObservation(network);
  return {
    samples: SAMPLES,
    async run() {
      for (let sample = 0; sample < SAMPLES; sample++) {
        simulator.run(
          weights,
          { time, source, from: offset[sample], to: offset[sample + 1] },
          record,
          observation,
        );
      }
    },
  };
}
