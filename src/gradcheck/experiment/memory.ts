/**
 * What a gradient costs to observe, per sample: bytes that leave the chip and bytes that the backward pass keeps,
 * for each estimator on the same spikes (counting rule: docs/memory.md). The published comparison is the ratio of
 * surrogate gradient to EventProp: 6.2 ± 0.5 (arXiv 2302.07141).
 *
 * Spikes leave one by one. Converter rows leave whole, from each half of the chip that holds a population whose
 * membranes the loss or the estimator reads.
 */

import { hemisphereOf } from "../../chip/coordinates.ts";
import { UserError } from "../../core/errors.ts";
import { recordingRequests } from "../../engine/run-config.ts";
import { type ObservationBytes, rowBytes, surrogateBytes } from "../../engine/surrogate-cost.ts";
import { placementWishes } from "../../experiment/network.ts";
import type { Experiment } from "../../experiment/schema.ts";
import { placeNetwork } from "../../mapping/place.ts";
import type { Placement } from "../../mapping/placement.ts";
import type { Network } from "../../network/network.ts";
import { SPIKE_BYTES } from "../../network/observation.ts";
import type { ExperimentCheck } from "./check-experiment.ts";
import type { EstimatorUnderTest } from "./estimators-under-test.ts";
import type { GradientProblem } from "./gradient-problem.ts";

/** Of arXiv 2302.07141. */
export const PUBLISHED_RATIO = { mean: 6.2, deviation: 0.5 } as const;

export interface MemoryRow {
  readonly estimator: string;
  /** Bytes per sample; null when the network does not fit on one chip, so that it is unknown which rows leave it. */
  readonly observed: number | null;
  readonly kept: number;
}

export interface MemoryTable {
  readonly rows: readonly MemoryRow[];
  /** The membranes of all neurons alone, sampled as on a chip: the least that a surrogate gradient observes. */
  readonly membranes: ObservationBytes | null;
  /** Divided by what EventProp costs: the surrogate estimator as it is here, and the membranes alone. */
  readonly ratio: { readonly surrogate: Ratio; readonly membranes: Ratio };
}

/** Null where one of both is not known or zero. */
export interface Ratio {
  readonly observed: number | null;
  readonly kept: number | null;
}

export function memoryTable(
  experiment: Experiment,
  problem: GradientProblem,
  underTest: readonly EstimatorUnderTest[],
  { estimators: checks, spikesPerSample }: Pick<ExperimentCheck, "estimators" | "spikesPerSample">,
): MemoryTable {
  const { network, loss } = problem;
  const placement = placementOf(experiment, network);
  const memory = experiment.chip.kind === "software" ? "sram" : experiment.chip.cadc;
  const rows = checks.map(({ name, bytesKept }): MemoryRow => {
    const { estimator } = underTest.find((tested) => tested.name === name) as EstimatorUnderTest;
    if (placement === undefined) return { estimator: name, observed: null, kept: bytesKept };
    const needs = recordingRequests(network, loss, estimator);
    const hemispheres = new Set(
      network.populations.flatMap(({ start, size }, p) =>
        needs[p]?.kind === "none"
          ? []
          : Array.from(placement.neuron.subarray(start, start + size), hemisphereOf),
      ),
    ).size;
    const spikeBytes = SPIKE_BYTES * spikesPerSample;
    const observed = spikeBytes + rowBytes(network.duration, hemispheres, memory);
    return { estimator: name, observed, kept: bytesKept };
  });
  const eventProp = rows.find(({ estimator }) => estimator === "eventprop");
  const surrogate = rows.find(({ estimator }) => estimator === "surrogate");
  const toEventProp = (cost: ObservationBytes | MemoryRow | null | undefined): Ratio => ({
    observed: ratioOf(cost?.observed, eventProp?.observed),
    kept: ratioOf(cost?.kept, eventProp?.kept),
  });
  const membranes = placement === undefined ? null : surrogateBytes(network, placement, memory);
  return {
    rows,
    membranes,
    ratio: { surrogate: toEventProp(surrogate), membranes: toEventProp(membranes) },
  };
}

function placementOf(experiment: Experiment, network: Network): Placement | undefined {
  try {
    return placeNetwork(network, placementWishes(experiment));
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function ratioOf(above: number | null | undefined, below: number | null | undefined): number | null {
  return above === null || above === undefined || !below ? null : above / below;
}
