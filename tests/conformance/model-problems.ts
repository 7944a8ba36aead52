/**
 * Random small networks of any neuron model, with delays and learned constants, and a smooth loss on all their spikes
 * and some samples, whose derivative is known: what an adjoint is compared with differences on.
 */

import { stream } from "../../src/core/random.ts";
import { createEstimator } from "../../src/gradient/index.ts";
import { emptyCotangent } from "../../src/loss/types.ts";
import {
  buildNetwork,
  INPUT,
  type Network,
  type PopulationSpec,
  type ProjectionSpec,
} from "../../src/network/network.ts";
import type { Observation, RecordingRequest } from "../../src/network/observation.ts";
import { parameterValue, writeInitial } from "../../src/network/parameters.ts";
import { createObservation, createSimulator, type InputSlice } from "../../src/network/simulate.ts";
import type { ExtraConstants } from "../../src/neuron/constants.ts";
import { modelOf } from "../../src/neuron/models/index.ts";
import { inputSlice, newCounts } from "./gradients.ts";

export interface ModelProblem {
  readonly network: Network;
  readonly parameters: Float64Array;
  readonly inputs: InputSlice;
}

export interface ModelShape {
  readonly model: string;
  readonly extra?: { readonly [name in keyof ExtraConstants]?: number };
  readonly threshold?: number;
  readonly refractory?: number;
  readonly tauMem?: number;
  readonly recurrent?: boolean;
  readonly delays?: "axonal" | "dendritic" | "synaptic";
  /** Delays are there, but 0. */
  readonly noDelay?: boolean;
  /** Names of constants that are learned. */
  readonly learned?: readonly string[];
  /** Weights from the input, and of those inside. */
  readonly drive?: number;
}

const DURATION = 40;
const INPUTS = 4;
export const SAMPLE_TIMES = [11.3, 17.9, 26.1, 33.7];

export function modelProblem(shape: ModelShape, seed: number): ModelProblem {
  const draws = stream(seed, "test/models");
  const { model, extra = {}, threshold = 1, refractory = 1.2, tauMem = 7, delays, drive = 1 } = shape;
  const base: PopulationSpec = {
    name: "hidden",
    model,
    size: 4,
    tauMem,
    tauSynExc: 5,
    tauSynInh: 4,
    threshold,
    reset: -0.1,
    refractory,
    extra: { tolerance: 1e-12, ...extra },
  };
  const learn = (spec: PopulationSpec, names: readonly string[]): PopulationSpec => ({
    ...spec,
    trainable: names.map((name) => {
      const now = ({ ...spec, ...spec.extra } as unknown as Record<string, number>)[name]!;
      const width = Math.max(0.5 * Math.abs(now), 0.2);
      return { name, per: "neuron", low: now - width, high: now + 2 * width, learningRate: 1 };
    }),
  });
  const readout: PopulationSpec = { ...base, name: "readout", model: "li", size: 2 };
  const populations = [learn(base, shape.learned ?? []), learn(readout, shape.learned ? ["tauMem"] : [])];
  const delay =
    delays === undefined
      ? {}
      : { delay: { kind: delays, initial: shape.noDelay === true ? 0 : 2, maximum: 6, learningRate: 1 } };
  const projections: ProjectionSpec[] = [
    { from: INPUT, to: "hidden", rows: 1, ...delay },
    { from: "hidden", to: "readout", rows: 1, ...delay },
    ...(shape.recurrent === true ? [{ from: "hidden", to: "hidden", rows: 1, ...delay }] : []),
  ];
  const network = buildNetwork(INPUTS, populations, projections, DURATION);
  const parameters = new Float64Array(network.parameters);
  for (const { from, to, offset, sources, targets } of network.projections) {
    const [mean, spread] = from === INPUT ? [1.6 * drive, 1.2 * drive] : from === to ? [-0.2, 0.5] : [0.3, 1];
    for (let i = 0; i < sources * targets; i++) parameters[offset + i] = mean + spread * draws.normal();
  }
  writeInitial(network.segments, parameters);
  for (let place = network.weights; place < parameters.length && shape.noDelay !== true; place++)
    parameters[place] = parameters[place]! + 0.3 * draws.normal();
  const times = Array.from({ length: 9 }, () => 20 * draws.uniform()).sort((a, b) => a - b);
  return {
    network,
    parameters,
    inputs: inputSlice(
      times,
      times.map(() => draws.below(INPUTS)),
    ),
  };
}

const RECORD: RecordingRequest[] = [{ kind: "none" }, { kind: "at", times: SAMPLE_TIMES }];

/** L = Σ c sin(0.3 t) over spikes + Σ c V over samples, with coefficients from places in the list. */
const spikeCoefficient = (k: number): number => 1 + 0.4 * Math.sin(1.7 * k);
const sampleCoefficient = (k: number): number => Math.cos(2.3 * k);

export function lossOf({ spikes, voltages }: Observation): number {
  let sum = 0;
  for (let k = 0; k < spikes.count; k++) sum += spikeCoefficient(k) * Math.sin(0.3 * spikes.time[k]!);
  for (let k = 0; k < voltages.count; k++) sum += sampleCoefficient(k) * voltages.value[k]!;
  return sum;
}

export function observeModel({ network, parameters, inputs }: ModelProblem): Observation {
  const observation = createObservation(network);
  createSimulator(network).run(parameters, inputs, RECORD, observation);
  return observation;
}

export function modelGradient(problem: ModelProblem): Float64Array {
  const { network, parameters } = problem;
  const observation = observeModel(problem);
  const { spikes, voltages } = observation;
  const cotangent = emptyCotangent(Math.max(spikes.count, voltages.count));
  for (let k = 0; k < spikes.count; k++)
    cotangent.spike[k] = 0.3 * spikeCoefficient(k) * Math.cos(0.3 * spikes.time[k]!);
  for (let k = 0; k < voltages.count; k++) cotangent.voltage[k] = sampleCoefficient(k);
  const gradient = new Float64Array(network.parameters);
  const estimator = createEstimator(network, { kind: "eventprop", slopeFloor: 0 });
  estimator.accumulate(observation, parameters, cotangent, gradient, newCounts());
  return gradient;
}

/** All that happens at each neuron, in its order: a difference across a change of it measures a kink. */
export function eventOrders({ network, parameters }: ModelProblem, { inputs, spikes }: Observation): string {
  const values = parameters.slice();
  for (const segment of network.segments) {
    for (let k = segment.offset; k < segment.offset + segment.length; k++)
      values[k] = parameterValue(segment, parameters[k]!);
  }
  const events: { at: number; name: string }[][] = Array.from({ length: network.neurons }, () => []);
  const sent = [
    ...Array.from({ length: inputs.count }, (_, k) => [inputs.time[k]!, inputs.index[k]!, k] as const),
    ...Array.from(
      { length: spikes.count },
      (_, k) => [spikes.time[k]!, network.inputs + spikes.index[k]!, 1000 + k] as const,
    ),
  ];
  for (const { sourceStart, sources, targetStart, targets, delay } of network.projections) {
    for (const [time, source, name] of sent) {
      const relative = source - sourceStart;
      if (relative < 0 || relative >= sources) continue;
      for (let column = 0; column < targets; column++) {
        const own =
          delay === undefined
            ? 0
            : delay.kind === "axonal"
              ? relative
              : delay.kind === "dendritic"
                ? column
                : relative * targets + column;
        const lag = delay === undefined ? 0 : values[delay.segment.offset + own]!;
        if (time + lag < network.duration)
          events[targetStart + column]!.push({ at: time + lag, name: `a${name}` });
      }
    }
  }
  for (let k = 0; k < spikes.count; k++) {
    const neuron = spikes.index[k]!;
    const population = network.populations.find(
      ({ start, size }) => neuron >= start && neuron < start + size,
    )!;
    const segment = network.segments.find(({ name }) => name === `refractory ${population.name}`);
    const hold =
      segment === undefined
        ? network.constants.refractory[neuron]!
        : values[segment.offset + neuron - population.start]!;
    events[neuron]!.push({ at: spikes.time[k]!, name: `s${k}` });
    events[neuron]!.push({ at: spikes.time[k]! + hold, name: `r${k}` });
  }
  for (const time of SAMPLE_TIMES) for (const own of events) own.push({ at: time, name: "v" });
  const order = [...sent.slice(inputs.count).map(([, source]) => source)].join();
  return (
    order +
    events
      .map((own) =>
        own
          .sort((a, b) => a.at - b.at)
          .map(({ name }) => name)
          .join(),
      )
      .join(";")
  );
}

/** A central difference of order 6, NaN where the order of events changes within its steps. */
function modelDifference(problem: ModelProblem, place: number, step: number): number {
  const { network, inputs } = problem;
  const parameters = problem.parameters.slice();
  const simulator = createSimulator(network);
  const observation = createObservation(network);
  const order = eventOrders(problem, observeModel(problem));
  let sum = 0;
  for (const [factor, offset] of [
    [45, 1],
    [-45, -1],
    [-9, 2],
    [9, -2],
    [1, 3],
    [-1, -3],
  ] as const) {
    parameters[place] = problem.parameters[place]! + offset * step;
    simulator.run(parameters, inputs, RECORD, observation);
    if (eventOrders({ ...problem, parameters }, observation) !== order) return Number.NaN;
    sum += factor * lossOf(observation);
  }
  return sum / (60 * step);
}

const MEMBRANE = ["tauMem", "tauSynExc", "tauSynInh"];
const SPIKES = ["threshold", "reset", "refractory"];
const ADAPTS = ["adaptation", "adaptationJump", "tauAdaptation"];
export const adapts = { adaptation: 0.5, adaptationJump: 0.3, tauAdaptation: 20 };
const alif: ModelShape = {
  model: "alif",
  extra: { ...adapts, thresholdJump: 0.3, tauThreshold: 15 },
  learned: [...MEMBRANE, ...SPIKES, ...ADAPTS, "thresholdJump", "tauThreshold"],
  drive: 1.4,
};
const adex: ModelShape = {
  model: "adex",
  extra: { ...adapts, exponentialThreshold: 0.7, slopeFactor: 0.1 },
  learned: [...MEMBRANE, ...SPIKES, ...ADAPTS, "exponentialThreshold", "slopeFactor"],
};

/** One configuration or more per model; a model without one fails below. `li` is the readout of all. */
export const SHAPES: readonly ModelShape[] = [
  { model: "lif", learned: [...MEMBRANE, ...SPIKES] },
  alif,
  { ...alif, extra: { adaptation: 8, adaptationJump: 0.3, tauAdaptation: 9 }, drive: 3, learned: ADAPTS },
  adex,
  { model: "qif", threshold: 5, extra: { curvature: 1 }, learned: [...MEMBRANE, ...SPIKES, "curvature"] },
];

/** The bounds that the project asks for: linear models 1e-8, others 1e-6. */
export const shapeTolerance = ({ model }: ModelShape): number =>
  modelOf(model).intrinsic === undefined ? 1e-8 : 1e-6;

/**
 * Largest deviation of each kind of parameter from differences, relative to its largest derivative. At most `most` of
 * each kind are compared, those with the largest derivatives.
 */
export function gradientErrors(
  shape: ModelShape,
  seed: number,
  most = Number.POSITIVE_INFINITY,
  sign = 1,
): { worst: number; compared: number } {
  const problem = modelProblem(shape, seed);
  const gradient = modelGradient(problem);
  const { weights, segments } = problem.network;
  let worst = 0;
  let compared = 0;
  for (const [from, to] of [
    [0, weights],
    ...segments.map(({ offset, length }) => [offset, offset + length] as const),
  ] as [number, number][]) {
    const places = Array.from({ length: to - from }, (_, k) => from + k)
      .sort((a, b) => Math.abs(gradient[b]!) - Math.abs(gradient[a]!))
      .slice(0, most);
    const top = Math.abs(gradient[places[0]!]!);
    if (!(top > 1e-6)) continue;
    for (const place of places) {
      let off = Number.NaN;
      for (const step of [2e-4, 5e-5]) {
        const error = Math.abs(sign * gradient[place]! - modelDifference(problem, place, step)) / top;
        if (!(off <= error)) off = error;
        if (off < 1e-9) break;
      }
      if (Number.isNaN(off)) continue;
      compared++;
      worst = Math.max(worst, off);
    }
  }
  return { worst, compared };
}

export const shapeName = ({ model, extra, delays, recurrent }: ModelShape): string =>
  `${model}${(extra?.adaptation ?? 0) > 1 ? ", oscillating" : ""}, ${delays ?? "no"} delays${recurrent ? ", recurrent" : ""}`;
