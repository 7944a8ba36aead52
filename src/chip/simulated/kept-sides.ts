/** Where the neurons that a CADC recording keeps stand: in a recorded sample, in the kernel's, in the noise at rest. */

import { COLUMNS } from "../limits.ts";

/** The kept neurons of one hemisphere. */
export interface KeptSide {
  /** Column of each in a recorded sample, and its place among the simulated neurons of the hemisphere. */
  readonly column: Int32Array;
  readonly place: Int32Array;
  /** First simulated neuron of the hemisphere, and how many there are. */
  readonly first: number;
  readonly size: number;
  /** Normals drawn for a sample at rest, and which of them each takes. */
  readonly draws: number;
  readonly drawn: Int32Array;
}

export type KeptSides = readonly [KeptSide, KeptSide];

/** Of both hemispheres. @param keep neurons in the order of a recorded sample; others as in RecordedNeurons */
export function keptSides(keep: Int32Array, ids: Int32Array, place: Int32Array): KeptSides {
  let top = 0;
  while (top < ids.length && ids[top]! < COLUMNS) top++;
  return [keptSide(keep, place, 0, 0, top), keptSide(keep, place, 1, top, ids.length - top)];
}

function keptSide(
  keep: Int32Array,
  placeOf: Int32Array,
  hemisphere: number,
  first: number,
  size: number,
): KeptSide {
  const column: number[] = [];
  const place: number[] = [];
  const drawn: number[] = [];
  let draws = 0;
  keep.forEach((neuron, i) => {
    if (neuron >= COLUMNS !== (hemisphere === 1)) return;
    const own = placeOf[neuron]! - first;
    // Neighbours share words of the noise, two normals each; others begin a new one.
    if (column.at(-1) !== i - 1 || place.at(-1) !== own - 1) draws += draws % 2;
    column.push(i);
    place.push(own);
    drawn.push(draws++);
  });
  return {
    column: Int32Array.from(column),
    place: Int32Array.from(place),
    first,
    size,
    draws: draws + (draws % 2),
    drawn: Int32Array.from(drawn),
  };
}
