/**
 * Reads what is known of a real chip: the words of a network that was trained on it, input spikes, and the first
 * output spikes that the chip answered with. The format is that of ../shared/reference/real-chip-yinyang.json
 * (docs/realism.md); shapes and ranges are checked here and nowhere behind.
 */

import { WEIGHT_MAX } from "../chip/limits.ts";
import { type JsonPlace, jsonDocument } from "../core/json-place.ts";

export interface RealChip {
  /** Signed 6-bit words of the synapses [source][target]. */
  readonly hidden: readonly (readonly number[])[];
  readonly output: readonly (readonly number[])[];
  /** In units of τ, one time per input [sample][input]. */
  readonly inputTimes: readonly (readonly number[])[];
  readonly labels: readonly number[];
  /** In units of τ; Infinity: no spike [sample][output]. */
  readonly firstSpikes: readonly (readonly number[])[];
}

/** @throws UserError("input-file") with the path inside the document */
export function parseRealChip(text: string, file: string): RealChip {
  const document = jsonDocument(text, file);
  const words = document.field("hardwareWeights");
  const hidden = matrix(words.field("hidden"), undefined, undefined, readWord);
  const output = matrix(words.field("output"), hidden[0]?.length, undefined, readWord);
  const outputs = output[0]?.length ?? 0;
  const inputTimes = matrix(document.field("inputTimesInTau"), undefined, hidden.length, (place) =>
    place.number({ minimum: 0 }),
  );
  const labels = document
    .field("labels")
    .items(inputTimes.length)
    .map((place) => place.integer(0, outputs - 1));
  const firstSpikes = matrix(
    document.field("chipFirstOutputSpikesInTau"),
    inputTimes.length,
    outputs,
    (place) => (place.value === null ? Number.POSITIVE_INFINITY : place.number({ minimum: 0 })),
  );
  return { hidden, output, inputTimes, labels, firstSpikes };
}

function readWord(place: JsonPlace): number {
  return place.integer(-WEIGHT_MAX, WEIGHT_MAX);
}

/** A matrix with at least one entry, of the given shape where one is given. */
function matrix<T>(
  place: JsonPlace,
  rows: number | undefined,
  columns: number | undefined,
  read: (entry: JsonPlace) => T,
): T[][] {
  const places = place.items(rows);
  const width = columns ?? places[0]?.items().length ?? 0;
  if (width === 0) throw place.fail("a matrix with at least one entry is expected");
  return places.map((row) => row.items(width).map(read));
}
