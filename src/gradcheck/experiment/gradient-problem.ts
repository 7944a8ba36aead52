/**
 * What is checked: a network, its weights and loss, and a few labeled samples of its data. Between the
 * experiment file and all that follows here, which knows neither files nor chips.
 */

import { permutation, stream } from "../../core/random.ts";
import type { Loss } from "../../loss/types.ts";
import type { Network } from "../../network/network.ts";
import type { InputBatch } from "../../network/observation.ts";

export interface GradientProblem {
  readonly network: Network;
  /** Weights, then what else is learned (network/parameters.ts). */
  readonly weights: Float64Array;
  readonly loss: Loss;
  readonly inputs: InputBatch;
  /** One per sample of `inputs`. */
  readonly labels: Uint8Array;
}

/** `count` samples drawn without replacement, in the order of the data; all when there are no more. */
export function drawSamples(
  inputs: InputBatch,
  labels: Uint8Array,
  count: number,
  seed: number,
): Pick<GradientProblem, "inputs" | "labels"> {
  const chosen = permutation(inputs.samples, stream(seed, "grad-check/samples"))
    .slice(0, Math.min(count, inputs.samples))
    .sort();
  const spikes = Array.from(chosen).flatMap((sample) => {
    const [from, to] = [inputs.offset[sample]!, inputs.offset[sample + 1]!];
    return Array.from({ length: to - from }, (_, k) => from + k);
  });
  const offset = new Int32Array(chosen.length + 1);
  chosen.forEach((sample, i) => {
    const size = inputs.offset[sample + 1]! - inputs.offset[sample]!;
    offset[i + 1] = offset[i]! + size;
  });
  return {
    inputs: {
      samples: chosen.length,
      offset,
      time: Float64Array.from(spikes, (k) => inputs.time[k]!),
      source: Int32Array.from(spikes, (k) => inputs.source[k]!),
      id: chosen.map((sample) => inputs.id[sample]!),
    },
    labels: Uint8Array.from(chosen, (sample) => labels[sample]!),
  };
}

/** What is judged together: the weights of a projection, its delays, or one constant of a population. */
export interface Part {
  /** `"input>hidden"`, `"delay input>hidden"`, `"tauMem hidden"`. */
  readonly name: string;
  /** First place in the vector of parameters, and number of places. */
  readonly offset: number;
  readonly length: number;
  /** What its entries are: weights, or the numbers behind learned delays and constants. */
  readonly holds: "weights" | "values";
}

export function partsOf({ projections, segments }: Network): readonly Part[] {
  return [
    ...projections.map(({ name, offset, sources, targets }): Part => {
      return { name, offset, length: sources * targets, holds: "weights" };
    }),
    ...segments.map(({ name, offset, length }): Part => ({ name, offset, length, holds: "values" })),
  ];
}

/** Places of `count` parameters of a part, drawn without replacement, ascending; all when there are no more. */
export function drawParameters({ name, offset, length }: Part, count: number, seed: number): Int32Array {
  return permutation(length, stream(seed, `grad-check/weights/${name}`))
    .slice(0, Math.min(count, length))
    .map((index) => offset + index)
    .sort();
}
