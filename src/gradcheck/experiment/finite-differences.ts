/**
 * Central differences of the loss with respect to drawn parameters, sample by sample, in the exact simulator: the
 * yardstick that owes nothing to any adjoint.
 */

import { UserError } from "../../core/errors.ts";
import type { Report } from "../../core/progress.ts";
import { emptyCotangent, emptyLossValue, voltagesOf } from "../../loss/types.ts";
import type { Network } from "../../network/network.ts";
import { createObservation, createSimulator, type InputSlice } from "../../network/simulate.ts";
import { centralDifference } from "./central-difference.ts";
import { type Change, changeOf, type EventOrder, eventOrderOf } from "./event-order.ts";
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
