/**
 * What the synaptic currents do to the membrane. An input drives it with s(I), linear up to the knee k = S/2 and
 * bent by a parabola to its limit S, which it meets at 2S − k: once differentiable. Kept is the excess r = I − s,
 *
 *     r = 0 (I ≤ k)      r = (I − k)²/(4 (S − k)) (to I = 2S − k)      r = I − S beyond
 *
 * because the propagators of the linear part are exact: the membrane lacks ∫ e^(−(h−t)/τ_m) r(I(t)) dt, which is 0 for
 * most vectors at most times. Twin of assembly/currents.ts.
 */

import { f } from "./single.ts";
import type { OracleState } from "./state.ts";

export type Sign = "exc" | "inh";

const SIXTH = f(1 / 6);

/** r(I) of one lane. */
export function excess({ lanes }: OracleState, lane: number, sign: Sign, current: number): number {
  const exc = sign === "exc";
  const over = f(current - (exc ? lanes.kneeE : lanes.kneeI)[lane]!);
  if (!(over > 0)) return 0;
  const bent = Math.min(over, (exc ? lanes.widthE : lanes.widthI)[lane]!);
  return f(f(f(bent * bent) * (exc ? lanes.bendE : lanes.bendI)[lane]!) + f(over - bent));
}

/** ∫₀ᵈ e^(−(d−t)/τ_m) r(I(t)) dt by Simpson's rule; I decays by `as`, the membrane by `am`. */
export function excessIntegral(
  state: OracleState,
  lane: number,
  sign: Sign,
  d: number,
  am: number,
  as: number,
  current: number,
): number {
  const first = f(am * excess(state, lane, sign, current));
  const middle = f(f(4 * f(Math.sqrt(am))) * excess(state, lane, sign, f(current * f(Math.sqrt(as)))));
  const last = excess(state, lane, sign, f(current * as));
  return f(f(d * SIXTH) * f(f(first + middle) + last));
}

/** How the same integral changes when the current jumps by `jump` at its start; `before` is just before. */
export function excessChange(
  state: OracleState,
  lane: number,
  sign: Sign,
  d: number,
  am: number,
  as: number,
  before: number,
  jump: number,
): number {
  const after = f(before + jump);
  const half = f(Math.sqrt(as));
  const change = (factor: number): number =>
    f(excess(state, lane, sign, f(after * factor)) - excess(state, lane, sign, f(before * factor)));
  const first = f(am * change(1));
  const middle = f(f(4 * f(Math.sqrt(am))) * change(half));
  return f(f(d * SIXTH) * f(f(first + middle) + change(as)));
}

/** The integral over a full step, at two Gauss–Legendre nodes. */
export function excessOfStep(state: OracleState, lane: number, sign: Sign, current: number): number {
  const { lanes } = state;
  const node1 = (sign === "exc" ? lanes.node1E : lanes.node1I)[lane]!;
  const node2 = (sign === "exc" ? lanes.node2E : lanes.node2I)[lane]!;
  const first = f(lanes.weight1[lane]! * excess(state, lane, sign, f(current * node1)));
  return f(first + f(lanes.weight2[lane]! * excess(state, lane, sign, f(current * node2))));
}

/** dV/dt of one lane without noise, x relative to the leak. */
export function slope(state: OracleState, lane: number, x: number, ie: number, ii: number): number {
  const linear = f(f(f(state.lanes.rateM[lane]! * x) + ie) - ii);
  return f(linear - f(excess(state, lane, "exc", ie) - excess(state, lane, "inh", ii)));
}

/** ds/dt of one lane: s′(I) dI/dt with s′ = 1 − r′. */
function driveChange({ lanes }: OracleState, lane: number, sign: Sign, current: number): number {
  const exc = sign === "exc";
  const change = f((exc ? lanes.rateE : lanes.rateI)[lane]! * current);
  const over = f(current - (exc ? lanes.kneeE : lanes.kneeI)[lane]!);
  if (!(over > 0)) return change;
  const bent = Math.min(over, (exc ? lanes.widthE : lanes.widthI)[lane]!);
  return f(change * f(1 - f(f(bent + bent) * (exc ? lanes.bendE : lanes.bendI)[lane]!)));
}

/** d²V/dt² of one lane without noise, from its slope and currents. */
export function bend(state: OracleState, lane: number, steepness: number, ie: number, ii: number): number {
  const drive = f(f(state.lanes.rateM[lane]! * steepness) + driveChange(state, lane, "exc", ie));
  return f(drive - driveChange(state, lane, "inh", ii));
}
