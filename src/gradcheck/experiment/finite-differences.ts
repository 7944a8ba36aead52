/**
 * Central differences of the loss with respect to drawn parameters, sample by sample, in the exact simulator. They
 * use no adjoint, so they can judge all of them.
 *
 * One module, though long: a difference is only as good as the step that it was taken with, and which steps are allowed
 * follows from the order of events; the three belong together.
 */

import { UserError } from "../../core/errors.ts";
import type { Report } from "../../core/progress.ts";
import { emptyCotangent, emptyLossValue, voltagesOf } from "../../loss/types.ts";
import { delayOf } from "../../network/deliveries.ts";
import type { Network } from "../../network/network.ts";
import type { Observation } from "../../network/observation.ts";
import { createParameterValues } from "../../network/parameters.ts";
import { createObservation, createSimulator, type InputSlice } from "../../network/simulate.ts";
import { type GradientProblem, type Part, partsOf } from "./gradient-problem.ts";

/** Differences of one part. A pair is a parameter with a sample: [parameter · samples + sample]. */
export interface ProjectionDifferences {
  readonly part: Part;
  /** Places in the vector of parameters. */
  readonly weights: Int32Array;
  /** ∂L/∂w; NaN where the pair was skipped. */
  readonly value: Float64Array;
  /** Its estimated error. */
  readonly error: Float64Array;
  /**
   * Pairs skipped because at every step a spike appears or vanishes, events of a neuron change places, or the weight
   * changes its sign where excitation and inhibition decay differently.
   */
  readonly skipped: Readonly<Record<Kink, number>>;
  /** Weights with a skipped pair. */
  readonly skippedWeights: number;
}

export type Kink = Change | "sign";

/** First step relative to the spread of the projection's weights; of the numbers behind delays and constants as it is. */
const RELATIVE_STEP = 1e-3;

/** @param drawn one set of parameters per part of the network */
export function finiteDifferences(
  problem: GradientProblem,
  drawn: readonly Int32Array[],
  report: Report,
): ProjectionDifferences[] {
  const { network } = problem;
  const probe = createProbe(problem);
  const total = drawn.reduce((sum, { length }) => sum + length, 0);
  let done = 0;
  return partsOf(network).map((part, p) => {
    const weights = drawn[p] as Int32Array;
    const { samples } = problem.inputs;
    const value = new Float64Array(weights.length * samples);
    const error = new Float64Array(weights.length * samples);
    const step = RELATIVE_STEP * (part.holds === "weights" ? typicalWeight(problem, part) : 1);
    const skipped = { spikes: 0, order: 0, sign: 0 };
    let skippedWeights = 0;
    weights.forEach((weight, w) => {
      let complete = true;
      for (let sample = 0; sample < samples; sample++) {
        let kink: Kink = "order";
        const found = centralDifference((offset) => {
          const seen = probe(weight, offset, sample);
          if (typeof seen === "number") return seen;
          kink = seen;
          return undefined;
        }, step);
        if (found === undefined) {
          complete = false;
          skipped[kink]++;
        }
        value[w * samples + sample] = found?.value ?? Number.NaN;
        error[w * samples + sample] = found?.error ?? Number.NaN;
      }
      if (!complete) skippedWeights++;
      done++;
      report({ kind: "step", unit: "weight", done, total });
    });
    return { part, weights, value, error, skipped, skippedWeights };
  });
}

/** Root mean square of the projection's weights; 1 where all are zero. */
function typicalWeight({ weights }: GradientProblem, { offset, length }: Part): number {
  const own = weights.subarray(offset, offset + length);
  const meanSquare = own.reduce((sum, weight) => sum + weight * weight, 0) / own.length;
  return meanSquare > 0 ? Math.sqrt(meanSquare) : 1;
}

const NOTHING = { kind: "none" } as const;

/** Loss of one sample with one weight moved, or why it is no smooth continuation of the loss at the weight itself. */
function createProbe(problem: GradientProblem) {
  const { network, loss, labels, inputs } = problem;
  const weights = problem.weights.slice();
  const simulator = createSimulator(network);
  const observation = createObservation(network);
  const record = network.populations.map(({ name }) => voltagesOf(loss, name) ?? NOTHING);
  const cotangent = emptyCotangent();
  const value = emptyLossValue();
  const slice: { -readonly [K in keyof InputSlice]: InputSlice[K] } = {
    time: inputs.time,
    source: inputs.source,
    from: 0,
    to: 0,
  };
  const simulate = (sample: number): number => {
    slice.from = inputs.offset[sample]!;
    slice.to = inputs.offset[sample + 1]!;
    simulator.run(weights, slice, record, observation);
    loss.evaluate(observation, labels[sample]!, cotangent, value);
    if (!Number.isFinite(value.total)) {
      throw new UserError("diverged", `the loss of sample ${inputs.id[sample]} is not a finite number`, {
        hint: "the weights are too large, or the loss scales them beyond a double",
      });
    }
    return value.total;
  };
  const orderOf = eventOrderOf(network);
  const usual = Array.from({ length: inputs.samples }, (_, sample) => {
    simulate(sample);
    return orderOf(observation, weights);
  });
  const twoTaus = weightsOfTwoTaus(network);
  return (weight: number, offset: number, sample: number): number | Kink => {
    const kept = weights[weight]!;
    if (twoTaus[weight] === 1 && kept >= 0 !== kept + offset >= 0) return "sign";
    weights[weight] = kept + offset;
    const total = simulate(sample);
    const order = orderOf(observation, weights);
    weights[weight] = kept;
    return changeOf(order, usual[sample] as EventOrder) ?? total;
  };
}

/** [weight] 1 where the sign of a weight decides how fast its current decays. */
function weightsOfTwoTaus({ weights, projections, constants }: Network): Uint8Array {
  const found = new Uint8Array(weights);
  for (const { sources, targetStart, targets, offset } of projections) {
    for (let i = 0; i < sources * targets; i++) {
      const neuron = targetStart + (i % targets);
      found[offset + i] = constants.tauSynExc[neuron] === constants.tauSynInh[neuron] ? 0 : 1;
    }
  }
  return found;
}

// The derivative of a function of one weight ----------------------------------------------------------------

// The derivative of a function of one weight by central differences, with a step that checks itself.
//
//     D(h) = (L(h) − L(−h)) / 2h = L′ + O(h²)      R = (4 D(h/2) − D(h)) / 3 = L′ + O(h⁴)
//
// |D(h) − D(h/2)| / 3 estimates the error that R removes, so it bounds what is left of it from above; rounding of L adds
// ε |L| / h. Steps shrink until the estimate is good enough, or the best of them is taken. A step across which the order
// of events changes at a neuron says nothing about the derivative and is not used.

/** L at the weight plus an offset, or undefined when events come in another order there than at offset 0. */
export type LossAt = (offset: number) => number | undefined;

export interface Difference {
  readonly value: number;
  /** Estimated error of `value`. */
  readonly error: number;
}

/** Steps are firstStep · 4^−k. */
const SHRINK = 4;
const STEPS = 7;
/** Relative to |value|: there is no use for better. */
const GOOD_ENOUGH = 1e-9;
/** Below this a derivative is nothing, whatever the loss measures. */
const NEGLIGIBLE = 1e-13;
/** Rounding errors of a simulation that add up in L, in units of the last place. */
const ROUNDING = 8 * Number.EPSILON;

/** Undefined when the order of events changes at every step. */
export function centralDifference(lossAt: LossAt, firstStep: number): Difference | undefined {
  let best: Difference | undefined;
  let step = firstStep;
  for (let k = 0; k < STEPS; k++, step /= SHRINK) {
    const wide = difference(lossAt, step);
    if (wide === undefined) continue;
    const narrow = difference(lossAt, step / 2);
    if (narrow === undefined) continue;
    const value = (4 * narrow.slope - wide.slope) / 3;
    const error = Math.abs(wide.slope - narrow.slope) / 3 + (ROUNDING * narrow.size) / step;
    if (best === undefined || error < best.error) best = { value, error };
    if (error <= GOOD_ENOUGH * Math.abs(value) + NEGLIGIBLE) break;
  }
  return best;
}

function difference(lossAt: LossAt, step: number): { slope: number; size: number } | undefined {
  const above = lossAt(step);
  if (above === undefined) return undefined;
  const below = lossAt(-step);
  if (below === undefined) return undefined;
  // The distance of the two weights in floating point is 2 · step to a few units of the last place of the weight.
  return { slope: (above - below) / (2 * step), size: Math.abs(above) + Math.abs(below) };
}

// The order of events at each neuron ------------------------------------------------------------------------

// The order of events at every neuron: its own spikes, the ends of its refractory times and its samples, and what
// arrives between two of them. While it stays the same, spike times and potentials are smooth functions of the weights;
// where it changes, the loss has a kink or a jump, and a finite difference across it is no derivative. Equal numbers of
// spikes are not enough: an arrival that crosses the end of a refractory time is a kink.
//
// Two arrivals that change places with none of the neuron's own events between them are no kink, since currents add up.

/** What is different from a reference: spikes appeared or vanished, or events of a neuron changed places. */
export type Change = "spikes" | "order";

interface Event {
  readonly time: number;
  readonly kind: number;
  /** The input, or the neuron. */
  readonly index: number;
  /** Of an arrival. */
  readonly source?: number;
}

/** The order in one observation, as numbers that are equal for equal orders (and else only by chance, 1 in 10⁹). */
export interface EventOrder {
  /** [neuron] */
  readonly spikes: Int32Array;
  readonly signature: Int32Array;
}

function changeOf(order: EventOrder, reference: EventOrder): Change | undefined {
  if (order.spikes.some((count, neuron) => count !== reference.spikes[neuron])) return "spikes";
  return order.signature.some((value, neuron) => value !== reference.signature[neuron]) ? "order" : undefined;
}

/** Kinds of events in their order at equal times. */
const RELEASE = 0;
const SAMPLE = 1;
const SPIKE = 2;
const INPUT = 3;
/** After a delay, at one neuron. */
const ARRIVAL = 4;

/** Makes the function that reads the order of an observation of `network`, made with the given parameters. */
function eventOrderOf(network: Network): (observation: Observation, parameters: Float64Array) => EventOrder {
  const { inputs: inputCount, neurons, projections, constants, segments, duration } = network;
  const values = createParameterValues(network);
  const delayed = projections.filter(({ delay }) => delay !== undefined);
  /** Refractory times; those that are learned follow their parameters. */
  const refractory = constants.refractory.slice();
  const learnedRefractory = segments.filter(({ constant }) => constant?.name === "refractory");
  /** [source · neurons + neuron] Whether a spike of the source arrives at the neuron. */
  const reaches = new Uint8Array((inputCount + neurons) * neurons);
  for (const { sourceStart, sources, targetStart, targets, delay } of projections) {
    if (delay !== undefined) continue;
    for (let source = sourceStart; source < sourceStart + sources; source++) {
      reaches.fill(1, source * neurons + targetStart, source * neurons + targetStart + targets);
    }
  }
  return ({ inputs, spikes, voltages }, parameters) => {
    const events: Event[] = [];
    values.update(parameters);
    for (const { offset, length, constant } of learnedRefractory) {
      const { start = 0, size = 0 } = constant ?? {};
      for (let n = 0; n < size; n++)
        refractory[start + n] = values.value[length === 1 ? offset : offset + n]!;
    }
    const deliver = (source: number, time: number): void => {
      for (const projection of delayed) {
        const relative = source - projection.sourceStart;
        if (relative < 0 || relative >= projection.sources) continue;
        for (let target = 0; target < projection.targets; target++) {
          const at = time + delayOf(projection, relative, target, values.value);
          const index = projection.targetStart + target;
          if (at < duration) events.push({ time: at, kind: ARRIVAL, index, source });
        }
      }
    };
    for (let i = 0; i < inputs.count; i++)
      events.push({ time: inputs.time[i]!, kind: INPUT, index: inputs.index[i]! });
    for (let i = 0; i < inputs.count; i++) deliver(inputs.index[i]!, inputs.time[i]!);
    for (let i = 0; i < spikes.count; i++) {
      const index = spikes.index[i]!;
      const time = spikes.time[i]!;
      events.push({ time, kind: SPIKE, index });
      deliver(inputCount + index, time);
      events.push({ time: time + refractory[index]!, kind: RELEASE, index });
    }
    for (let i = 0; i < voltages.count; i++)
      events.push({ time: voltages.time[i]!, kind: SAMPLE, index: voltages.neuron[i]! });
    events.sort((a, b) => a.time - b.time || a.kind - b.kind || a.index - b.index);

    const counts = new Int32Array(neurons);
    const signature = new Int32Array(neurons);
    /** Sum over the arrivals since the last own event: the same in any order. */
    const arrived = new Int32Array(neurons);
    for (const { kind, index, source: sender = 0 } of events) {
      if (kind === ARRIVAL) {
        arrived[index] = arrived[index]! + mixed(sender + 1);
        continue;
      }
      if (kind !== INPUT) {
        if (kind === SPIKE) counts[index]!++;
        signature[index] = mixed(signature[index]! + arrived[index]!) + kind;
        arrived[index] = 0;
      }
      if (kind !== INPUT && kind !== SPIKE) continue;
      const source = kind === INPUT ? index : inputCount + index;
      const name = mixed(source + 1);
      for (let neuron = 0; neuron < neurons; neuron++) {
        if (reaches[source * neurons + neuron] === 1) arrived[neuron] = arrived[neuron]! + name;
      }
    }
    for (let neuron = 0; neuron < neurons; neuron++) {
      // What arrives after a neuron's last own event changes nothing that is observed.
      signature[neuron] = mixed(signature[neuron]!);
    }
    return { spikes: counts, signature };
  };
}

/** Spreads the bits of an integer over 32 (the finalizer of MurmurHash3). */
function mixed(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) | 0;
}
