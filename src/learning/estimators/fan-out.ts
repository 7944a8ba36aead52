/**
 * Which projections leave each group of sources: what every estimator walks along. Static per network.
 *
 * Groups count the inputs as 0 and population p as p + 1.
 */

import { INPUT, type Network } from "../../network/network.ts";

/** A projection as seen from its source. */
export interface Outgoing {
  /** Target population, as an index into `network.populations`. */
  readonly population: number;
  /**
   * Add `source · stride + target`, both counted over all inputs (or all neurons) of the network, to get the
   * place of a weight.
   */
  readonly base: number;
  readonly stride: number;
}

export interface FanOut {
  /** [group] */
  readonly outgoing: readonly (readonly Outgoing[])[];
  /** Population of each neuron. */
  readonly populationOf: Int32Array;
}

export function fanOut(network: Network): FanOut {
  const { inputs, neurons, populations, projections } = network;
  const populationOf = new Int32Array(neurons);
  populations.forEach(({ start, size }, p) => {
    populationOf.fill(p, start, start + size);
  });
  const leaving = (name: string): Outgoing[] =>
    projections
      .filter(({ from }) => from === name)
      .map(({ from, sourceStart, targetStart, targets, offset }) => ({
        population: populationOf[targetStart]!,
        base: offset - (from === INPUT ? sourceStart : sourceStart - inputs) * targets - targetStart,
        stride: targets,
      }));
  return { outgoing: [INPUT, ...populations.map(({ name }) => name)].map(leaving), populationOf };
}
