/** How much the kernels take, and what is said when it is too much. */

import { UserError } from "../../core/errors.ts";
import * as layout from "./layout.ts";

/** Neurons of one chip. */
export const MAX_NEURONS = 512;
/** Kicks are dense, rows × neurons; this many rows of 512 neurons are 16 MB. */
export const MAX_ROWS = 4096;
export const MAX_EVENTS = 1 << 20;
/** Per entry: spikes, and single sampled values of each group or trace. */
export const MAX_SPIKES = 1 << 21;
export const MAX_SAMPLES = 1 << 23;

/** Throws UserError("chip") when `wanted` is above `limit`. */
export function checkCapacity(what: string, wanted: number, limit: number): void {
  if (wanted <= limit) return;
  throw new UserError("chip", `${wanted} ${what} are more than the ${limit} that the membrane kernel holds`, {
    hint: "Use fewer of them or shorter batch entries.",
  });
}

/** Turns a code of layout.ts into its error. */
export function failure(code: number): Error {
  switch (code) {
    case layout.TOO_MANY_SPIKES:
      return new UserError("chip", `a batch entry has more than ${MAX_SPIKES} spikes`, {
        hint: "Check thresholds, resets and refractory times, or use shorter batch entries.",
      });
    case layout.TOO_MANY_SAMPLES:
      return new UserError("chip", "a batch entry has more samples than the membrane kernel holds", {
        hint: "Record fewer neurons or use shorter batch entries.",
      });
    case layout.TOO_MANY_NEURONS:
      return new UserError("chip", "neurons lie outside the membrane kernel");
    case layout.NO_SUCH_ROW:
      return new UserError("chip", "an event or a neuron triggers a row of kicks that does not exist");
    default:
      return new Error(`membrane kernel returned ${code}`);
  }
}
