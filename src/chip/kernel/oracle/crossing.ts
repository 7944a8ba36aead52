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
 * Twin of assembly/crossing.ts and assembly/search.ts.
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
/** Least and most steps; the bracket halves where Newton's method would leave it. */
const NEWTON_LEAST = 2;
const NEWTON_MOST = 20;
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
  for (let k = 1; k <= NEWTON_MOST; k++) {
    const value = f(lift(rise, u) - a);
    if (value < 0) low = u;
    else top = u;
    const slope = steepness(rise, u);
    let next = f(u - f(value / slope));
    if (!(slope > 0 && next >= low && next <= top)) next = f(0.5 * f(low + top));
    const change = f(next - u);
    u = next;
    if (k >= NEWTON_LEAST && change < ENOUGH && change > -ENOUGH) break;
  }
  return u;
}

/** First passage of a bridge whose mean crosses at u (of 1) with `slope`, from two random words. */
function firstPassage(u: number, slope: number, variance: number, normal: number, uniform: number): number {
  const v = f(1 - u);
  const room = f(f(f(u * v) * slope) * slope);
  if (!(variance > 0 && room > f(TINY * variance))) return u;
  const z = f(bytes(normal) * BYTES_SCALE);
  const w = f(f(f(z * z) * variance) / f(room + room));
  const spread = f(f(1 + w) + f(Math.sqrt(f(w * f(w + 2)))));
  const early = f(uniformOf(uniform) * f(1 + spread)) <= spread;
  return early ? f(u / f(f(v * spread) + u)) : f(f(u * spread) / f(v + f(u * spread)));
}

/** Crossing by noise between points a and b below threshold, as part of 1, or NEVER. */
function hidden(events: NoiseStream, a: number, b: number, variance: number, chance: number): number {
  const exponent = f(f(2 * a) * b);
  if (!(exponent < f(IMPROBABLE * variance) && exponent < f(-log32(chance) * variance))) return NEVER;
  const word = draw(events);
  return firstPassage(f(a / f(a + b)), f(a + b), variance, word[1]!, word[2]!);
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
    return f(top * firstPassage(f(u / top), f(steepness(tilted, u) * top), before, word[1]!, word[2]!));
  }
  const first = hidden(events, a, -over, before, uniformOf(word[0]!));
  if (first !== NEVER) return f(top * first);
  const second = hidden(events, -over, b, after, uniformOf(word[1]!));
  return second !== NEVER ? f(top + f(f(1 - top) * second)) : NEVER;
}

/** Path of a lane within the step, as its crossing follows from it. */
interface LanePath {
  readonly from: number;
  readonly span: number;
  /** Threshold and end of the step above the start of the path. */
  readonly a: number;
  readonly end: number;
  readonly rise: Rise;
  /** Slope at the end, and the coefficients of the cubic through the ends. */
  readonly last: number;
  readonly cubic2: number;
  readonly cubic3: number;
  readonly variance: number;
}

function pathOf(state: OracleState, lane: number): LanePath {
  const { lanes } = state;
  const from = lanes.start[lane]!;
  const first = lanes.startX[lane]!;
  const a = f(lanes.threshold[lane]! - first);
  const span = f(state.length - from);
  const end = f(lanes.x[lane]! - first);
  const last = f(span * endSlope(state, lane));
  const c1 = f(span * lanes.startSlope[lane]!);
  const cubic2 = f(f(f(3 * end) - f(2 * c1)) - last);
  const cubic3 = f(f(c1 + last) - f(2 * end));
  // An exponential term bends the path in a way that the second derivative does not know: the cubic alone.
  const c2 = lanes.expRate[lane]! > 0 ? cubic2 : f(f(f(0.5 * span) * span) * lanes.startBend[lane]!);
  const c3 = f(cubic3 + f(2 * f(cubic2 - c2)));
  const rise: Rise = [c1, c2, c3, f(c2 - cubic2)];
  return { from, span, a, end, rise, last, cubic2, cubic3, variance: f(lanes.diffusion[lane]! * span) };
}

/** Root of a path that ends above threshold. */
function solveUp({ a, end, rise }: LanePath): number {
  const [c1] = rise;
  const discriminant = f(f(c1 * c1) + f(f(4 * a) * f(end - c1)));
  const guess = f(f(2 * a) / f(c1 + f(Math.sqrt(Math.max(discriminant, 0)))));
  return solve(rise, a, guess, 1);
}

/** First time within the step at which the open lane meets its threshold, or NEVER. */
export function crossing(state: OracleState, lane: number): number {
  const path = pathOf(state, lane);
  const { from, span, a, end, rise, last, cubic2, cubic3, variance } = path;
  const events = state.streams.event;
  if (!(a > 0)) return from;
  const [c1] = rise;
  const b = f(a - end);
  let u = NEVER;
  if (end >= a) {
    u = solveUp(path);
    if (variance > 0) {
      const word = draw(events);
      u = firstPassage(u, steepness(rise, u), variance, word[1]!, word[2]!);
    }
  } else if (c1 > 0 && last < 0) {
    const root = f(Math.sqrt(f(f(cubic2 * cubic2) - f(f(3 * c1) * cubic3))));
    let top = f(c1 / f(root - cubic2));
    if (!(top < 1)) top = 1;
    u = aroundTop(events, rise, a, b, top, variance);
  } else if (f(f(2 * a) * b) < f(IMPROBABLE * variance)) {
    u = hidden(events, a, b, variance, uniformOf(draw(events)[0]!));
  }
  return u < 0 ? NEVER : f(from + f(span * u));
}

/** Whether the open lane has met its threshold by the end of the step for certain. */
export function endsAbove({ lanes }: OracleState, lane: number): boolean {
  const first = lanes.startX[lane]!;
  const a = f(lanes.threshold[lane]! - first);
  return f(lanes.x[lane]! - first) >= a || !(a > 0);
}

/** Crossings of lanes of which that is true, for whole steps; four draw their words together. */
export function crossingsUp(state: OracleState, up: readonly number[]): number[] {
  const { event } = state.streams;
  let normal: Uint32Array = event.word;
  let uniform: Uint32Array = event.word;
  return up.map((lane, k) => {
    const word = k & 3;
    if (word === 0) {
      normal = draw(event).slice();
      uniform = draw(event).slice();
    }
    const path = pathOf(state, lane);
    if (!(path.a > 0)) return 0;
    const u = solveUp(path);
    const slope = steepness(path.rise, u);
    return f(path.span * firstPassage(u, slope, path.variance, normal[word]!, uniform[word]!));
  });
}
