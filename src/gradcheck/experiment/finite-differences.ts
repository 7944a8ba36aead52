/**
 * Central differences of the loss with respect to drawn weights, sample by sample, in the exact simulator: the
 * yardstick that owes nothing to any adjoint.
 */

import { UserError } from "../../core/errors.ts";
import type { Report } from "../../core/progress.ts";
import { emptyCotangent, emptyLossValue } from "../../loss/types.ts";
import type { Projection } from "../../network/network.ts";
import type { InputSlice } from "../../network/simulate.ts";
import { createObservation, createSimulator } from "../../network/simulate.ts";
import { centralDifference } from "./central-difference.ts";
import type { Subject } from "./subject.ts";

/** Differences of one projection. A pair is a weight with a sample: [weight · samples + sample]. */
export interface ProjectionDifferences {
  readonly projection: Projection;
  /** Indices into the weight vector. */
  readonly weights: Int32Array;
  /** ∂L/∂w; NaN where the pair was skipped. */
  readonly value: Float64Array;
  /** Its estimated error. */
  readonly error: Float64Array;
  /** Pairs that were skipped because a spike appeared or vanished at every step, and weights with such a pair. */
  readonly skippedPairs: number;
  readonly skippedWeights: number;
}

/** First step relative to the spread of the projection's weights. */
const RELATIVE_STEP = 1e-3;

/** @param drawn one set of weights per projection of the network */
export function finiteDifferences(
  subject: Subject,
  drawn: readonly Int32Array[],
  report: Report,
): ProjectionDifferences[] {
  const { network } = subject;
  const probe = createProbe(subject);
  const total = drawn.reduce((sum, { length }) => sum + length, 0);
  let done = 0;
  return network.projections.map((projection, p) => {
    const weights = drawn[p] as Int32Array;
    const { samples } = subject.inputs;
    const value = new Float64Array(weights.length * samples);
    const error = new Float64Array(weights.length * samples);
    const step = RELATIVE_STEP * typicalWeight(subject, projection);
    let skippedPairs = 0;
    let skippedWeights = 0;
    weights.forEach((weight, w) => {
      let skipped = 0;
      for (let sample = 0; sample < samples; sample++) {
        const found = centralDifference((offset) => probe(weight, offset, sample), step);
        if (found === undefined) skipped++;
        value[w * samples + sample] = found?.value ?? Number.NaN;
        error[w * samples + sample] = found?.error ?? Number.NaN;
      }
      skippedPairs += skipped;
      if (skipped > 0) skippedWeights++;
      done++;
      report({ kind: "step", unit: "weight", done, total });
    });
    return { projection, weights, value, error, skippedPairs, skippedWeights };
  });
}

/** Root mean square of the projection's weights; 1 where all are zero. */
function typicalWeight({ weights }: Subject, { offset, sources, targets }: Projection): number {
  const own = weights.subarray(offset, offset + sources * targets);
  const meanSquare = own.reduce((sum, weight) => sum + weight * weight, 0) / own.length;
  return meanSquare > 0 ? Math.sqrt(meanSquare) : 1;
}

const NOTHING = { kind: "none" } as const;

/** Loss of one sample with one weight moved; undefined when a neuron then spikes more or less often. */
function createProbe(subject: Subject) {
  const { network, loss, labels, inputs } = subject;
  const weights = subject.weights.slice();
  const simulator = createSimulator(network);
  const observation = createObservation(network);
  const record = network.populations.map(({ name }) => (name === loss.output ? loss.voltages : NOTHING));
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
  const countsOf = (counts: Int32Array): Int32Array => {
    counts.fill(0);
    const { index, count } = observation.spikes;
    for (let k = 0; k < count; k++) counts[index[k]!] = counts[index[k]!]! + 1;
    return counts;
  };
  const usual = Array.from({ length: inputs.samples }, (_, sample) => {
    simulate(sample);
    return countsOf(new Int32Array(network.neurons));
  });
  const counts = new Int32Array(network.neurons);
  return (weight: number, offset: number, sample: number): number | undefined => {
    const kept = weights[weight]!;
    weights[weight] = kept + offset;
    const total = simulate(sample);
    weights[weight] = kept;
    const expected = usual[sample] as Int32Array;
    return countsOf(counts).every((count, neuron) => count === expected[neuron]) ? total : undefined;
  };
}
