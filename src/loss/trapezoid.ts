/** Means over time of samples at whatever times: the trapezoidal rule, for losses that read membranes. */

import type { VoltageSamples } from "../network/observation.ts";

/** Weight of one of the entries from … to−1 in their mean. */
export function trapezoid(samples: VoltageSamples, from: number, to: number, entry: number): number {
  const { time } = samples;
  const span = time[to - 1]! - time[from]!;
  if (!(span > 0)) return 1 / (to - from);
  const before = time[Math.max(entry - 1, from)]!;
  const after = time[Math.min(entry + 1, to - 1)]!;
  return (0.5 * (after - before)) / span;
}
