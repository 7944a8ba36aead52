/** The seam of regularizers: terms of the loss that depend on a whole batch or on the weights alone. */

import { UserError } from "../../core/errors.ts";

export interface Regularizer {
  /**
   * Adds the term's gradient to `gradient` and returns the term. `spikesPerSample[neuron]` is the mean over the
   * batch; `weights` and `gradient` are laid out as in Projection.offset. Reads everything but `gradient`.
   */
  add(weights: Float64Array, spikesPerSample: Float64Array, gradient: Float64Array): number;
}

/**
 * The entries of `all` that `names` names, or those that `standard` accepts when there are no names.
 * @throws UserError when a name is none of them
 */
export function chosenByName<Item extends { readonly name: string }>(
  all: readonly Item[],
  names: readonly string[] | undefined,
  what: string,
  standard: (item: Item) => boolean,
): readonly Item[] {
  if (names === undefined) return all.filter(standard);
  return names.map((name) => {
    const found = all.find((item) => item.name === name);
    if (found !== undefined) return found;
    throw new UserError("experiment-physics", `no ${what} called ${name}`, {
      hint: `there are: ${all.map((item) => item.name).join(", ")}`,
    });
  });
}
