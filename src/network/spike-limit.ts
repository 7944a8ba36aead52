/** When a sample counts as diverged. */

import { UserError } from "../core/errors.ts";

/**
 * Spikes of one stage in one sample beyond which the network is taken to run away; about 10⁴ times what a
 * trained network of this kind makes (assumed).
 */
export const SPIKE_LIMIT = 1_000_000;

export function diverged(reason: string): UserError {
  return new UserError("diverged", `the network ran away in one sample: ${reason}`, {
    hint: "use smaller weights or a smaller learning rate, or a refractory time",
  });
}
