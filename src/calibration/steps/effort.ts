/** How much averaging a measurement of a search deserves: while steps are large, noise does not matter. */

import type { SearchStep } from "../search.ts";

export type Effort = "quick" | "normal" | "thorough";

/** Steps of this size and more, in codes, are decided quickly. */
const LARGE = 32;
const MEDIUM = 8;

export function effortOf({ increment }: SearchStep): Effort {
  return increment >= LARGE ? "quick" : increment >= MEDIUM ? "normal" : "thorough";
}
