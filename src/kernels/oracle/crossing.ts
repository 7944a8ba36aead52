/**
 * Where the path of one membrane first meets the threshold within a step.
 *
 * Without noise, on the quartic x₀ + c₁ u + c₂ u² + c₃ u³ + c₄ u⁴ (u from 0 to 1) through value, slope and second
 * derivative at the start of the last smooth piece and value and slope at its end: the root by Newton's method in
 * a bracket; and if both ends are below threshold, at the top of the cubic between them.
 *
 * With noise, the path within the step is that plus a Brownian bridge of variance D L u (1 − u), D = 2σ²/τ_m, and
 * whether and when it crosses is drawn from the bridge's law, with no trace of the step's length:
 * – ends a and b below threshold: it crosses with probability e^(−2ab/(D L)) (reflection), then its time is that of a
 *   bridge to the mirrored end;
 * – the end above: it crosses; about the root, where the path has slope p, the time t obeys: t/(1 − t) is inverse
 *   Gaussian with mean u/(1 − u) and shape u² p²/(D L) (Doob's map of the bridge onto a Wiener process with drift),
 *   drawn after Michael, Schucany and Haas, "Generating random variates using transformations with multiple
 *   roots", American Statistician 30 (1976);
 * – a top between two lower ends: the noise at the top is drawn, then each half is one of the cases above.
 *
 * Twin of assembly/crossing.ts.
 */

import { endSlope } from "./path.ts";
import { f, log32 } from "./single.ts";
import type { OracleState } from "./state.ts";
import { bytes, draw, type NoiseStream, uniformOf } from "./streams.ts";

export const NEVER = -1;
/** −ln of the chance below which a crossing by noise is not drawn. */
const IMPROBABLE = 12.5;
/** Newton steps converge quadratically: after a change below this the rest is below f32. */
const ENOUGH = f(3e-4);
const BYTES_SCALE = f(0.006765864997);
const TINY = f(1e-6);

/** Rise of a path from its first value, a polynomial in u without constant. */
type Rise = readonly [c1: number, c2: number, c3: number, c4: number];

/** Whether the lane may spike now. */
export function canSpike({ lanes }: OracleState, lane: number): boolean {
  return lanes.open[lane] !== 0 && lanes.threshold[lane]! < Number.POSITIVE_INFINITY;
}

function lift([c1, c2, c3, c4]: Rise, u: number): number {
  const low = f(c1 + f(u * c2));
  return f(u * f(low + f(f(u * u) * f(c3 + f(u * c4)))));
}

function steepness([c1, c2, c3, c4]: Rise, u: number): number {
  const low = f(c1 + f(u * f(c2 + c2)));
  return f(low + f(f(u * u) * f(f(3 * c3) + f(u * f(4 * c4)))));
}

/** Where the path has risen by a, in [0, high]; it is below at 0 and not below at `high`. */
function solve(rise: Rise, a: number, guess: number, high: number): number {
  let low = 0;
  let top = high;
  let u = guess;
  for (let k = 0; k < 20; k++) {
    const value = f(lift(rise, u) - a);
    if (value < 0) low = u;
    else top = u;
    const slope = steepness(rise, u);
    let next = f(u - f(value / slope));
    if (!(slope > 0 && next >= low && next <= top)) next = f(0.5 * f(low + top));
    const change = f(next - u);
    u = next;
    if (change < ENOUGH && change > -ENOUGH) break;
  }
  return u;
}

/** First passage of a bridge whose mean crosses at u (of 1) with `slope`, from the words of lanes 1 and 2. */
function firstPassage(u: number, slope: number, variance: number, word: Uint32Array): number {
  const v = f(1 - u);
  const room = f(f(f(u * v) * slope) * slope);
  if (!(variance > 0 && room > f(TINY * variance))) return u;
  const z = f(bytes(word[1]!) * BYTES_SCALE);
  const w = f(f(f(z * z) * variance) / f(room + room));
  const spread = f(f(1 + w) + f(Math.sqrt(f(w * f(w + 2)))));
  const early = f(uniformOf(word[2]!) * f(1 + spread)) <= spread;
  return early ? f(u / f(f(v * spread) + u)) : f(f(u * spread) / f(v + f(u * spread)));
}

/** Crossing by noise between points a and b below threshold, as part of 1, or NEVER. */
function hidden(events: NoiseStream, a: number, b: number, variance: number, chance: number): number {
  const exponent = f(f(2 * a) * b);
  if (!(exponent < f(IMPROBABLE * variance) && exponent < f(-log32(chance) * variance))) return NEVER;
  return firstPassage(f(a / f(a + b)), f(a + b), variance, draw(events));
}

/** A path that rises and falls again between ends a and b below threshold, with its top at `top`. */
function aroundTop(
  events: NoiseStream,
  rise: Rise,
  a: number,
  b: number,
  top: number,
  variance: number,
): number {
  const smooth = f(lift(rise, top) - a);
  if (smooth < 0 && f(smooth * smooth) > f(9 * variance)) return NEVER;
  const word = draw(events).slice();
  const before = f(variance * top);
  const after = f(variance * f(1 - top));
  const noise = f(f(Math.sqrt(f(before * f(1 - top)))) * f(bytes(word[3]!) * BYTES_SCALE));
  const over = f(smooth + noise);
  if (over >= 0) {
    const [c1, c2, c3, c4] = rise;
    const tilted: Rise = [f(c1 + f(noise / top)), c2, c3, c4];
    const curvature = f(c2 + f(top * f(f(3 * c3) + f(f(6 * c4) * top))));
    let guess = f(top - f(Math.sqrt(f(over / -curvature))));
    if (!(guess > 0)) guess = 0;
    const u = solve(tilted, a, guess, top);
    return f(top * firstPassage(f(u / top), f(steepness(tilted, u) * top), before, word));
  }
  const first = hidden(events, a, -over, before, uniformOf(word[0]!));
  if (first !== NEVER) return f(top * first);
  const second = hidden(events, -over, b, after, uniformOf(word[1]!));
  return second !== NEVER ? f(top + f(f(1 - top) * second)) : NEVER;
}

/** First time within the step at which the open lane meets its threshold, or NEVER. */
export function crossing(state: OracleState, lane: number): number {
  const { lanes } = state;
  const events = state.streams.event;
  const from = lanes.start[lane]!;
  const first = lanes.startX[lane]!;
  const a = f(lanes.threshold[lane]! - first);
  if (!(a > 0)) return from;
  const span = f(state.length - from);
  const rise = f(lanes.x[lane]! - first);
  const last = f(span * endSlope(state, lane));
  const c1 = f(span * lanes.startSlope[lane]!);
  const cubic2 = f(f(f(3 * rise) - f(2 * c1)) - last);
  const cubic3 = f(f(c1 + last) - f(2 * rise));
  // An exponential term bends the path in a way that the second derivative does not know: the cubic alone.
  const c2 = lanes.expRate[lane]! > 0 ? cubic2 : f(f(f(0.5 * span) * span) * lanes.startBend[lane]!);
  const c3 = f(cubic3 + f(2 * f(cubic2 - c2)));
  const path: Rise = [c1, c2, c3, f(c2 - cubic2)];
  const variance = f(lanes.diffusion[lane]! * span);
  const b = f(a - rise);
  let u = NEVER;
  if (rise >= a) {
    const parabola = f(f(4 * a) * f(rise - c1));
    const guess = f(f(2 * a) / f(c1 + f(Math.sqrt(f(f(c1 * c1) + parabola)))));
    u = solve(path, a, guess, 1);
    if (variance > 0) u = firstPassage(u, steepness(path, u), variance, draw(events));
  } else if (c1 > 0 && last < 0) {
    const root = f(Math.sqrt(f(f(cubic2 * cubic2) - f(f(3 * c1) * cubic3))));
    let top = f(c1 / f(root - cubic2));
    if (!(top < 1)) top = 1;
    u = aroundTop(events, path, a, b, top, variance);
  } else if (f(f(2 * a) * b) < f(IMPROBABLE * variance)) {
    u = hidden(events, a, b, variance, uniformOf(draw(events)[0]!));
  }
  return u < 0 ? NEVER : f(from + f(span * u));
}
