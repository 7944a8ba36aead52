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
 */

import {
  DIFFUSION, EVENT_STREAM, EXP_RATE, OPEN, START, START_BEND, START_SLOPE, START_X, THRESHOLD, X,
} from "../src/chip/kernel/layout";
import { length } from "./step-window";
import { endSlope } from "./path";
import { bytes, draw, uniformOf } from "./random";
import { log32 } from "./single";

export const NEVER: f32 = -1;
/** −ln of the chance below which a crossing by noise is not drawn. */
export const IMPROBABLE: f32 = 12.5;
/** Newton steps converge quadratically: after a change below this the rest is below f32. */
export const ENOUGH: f32 = 3e-4;
/** Least and most steps; the bracket halves where Newton's method would leave it. */
export const NEWTON_LEAST: i32 = 2;
export const NEWTON_MOST: i32 = 20;
/** 1/√21845. */
export const BYTES_SCALE: f32 = 0.006765864997;

/** Whether the lane may spike now. */
// @ts-ignore: decorator
@inline
export function canSpike(l: usize): bool {
  return load<i32>(l, OPEN) != 0 && load<f32>(l, THRESHOLD) < Infinity;
}

/** Rise of the path c₁ u + c₂ u² + c₃ u³ + c₄ u⁴ at u. */
// @ts-ignore: decorator
@inline
function lift(u: f32, c1: f32, c2: f32, c3: f32, c4: f32): f32 {
  return u * (c1 + u * c2 + u * u * (c3 + u * c4));
}

// @ts-ignore: decorator
@inline
function steepness(u: f32, c1: f32, c2: f32, c3: f32, c4: f32): f32 {
  return c1 + u * (c2 + c2) + u * u * (<f32>3 * c3 + u * (<f32>4 * c4));
}

/** Where the path has risen by a, in [0, high]; it is below at 0 and not below at `high`. */
// @ts-ignore: decorator
@inline
function solve(a: f32, guess: f32, high: f32, c1: f32, c2: f32, c3: f32, c4: f32): f32 {
  let low: f32 = 0;
  let top = high;
  let u = guess;
  for (let k = 1; k <= NEWTON_MOST; k++) {
    const value = lift(u, c1, c2, c3, c4) - a;
    if (value < 0) low = u;
    else top = u;
    const slope = steepness(u, c1, c2, c3, c4);
    let next = u - value / slope;
    if (!(slope > 0 && next >= low && next <= top)) next = <f32>0.5 * (low + top);
    const change = next - u;
    u = next;
    if (k >= NEWTON_LEAST && change < ENOUGH && change > -ENOUGH) break;
  }
  return u;
}

/**
 * First passage of a bridge whose mean crosses at u (of 1) with `slope`, from the words of lanes 1 and 2:
 * t/(1 − t) is inverse Gaussian with mean u/(1 − u).
 */
// @ts-ignore: decorator
@inline
function firstPassage(u: f32, slope: f32, variance: f32, word: v128): f32 {
  const v: f32 = <f32>1 - u;
  const room = u * v * slope * slope;
  if (!(variance > 0 && room > <f32>1e-6 * variance)) return u;
  const z = f32x4.extract_lane(bytes(word), 1) * BYTES_SCALE;
  const w = z * z * variance / (room + room);
  const spread: f32 = <f32>1 + w + Mathf.sqrt(w * (w + <f32>2));
  const early = uniformOf(i32x4.extract_lane(word, 2)) * (<f32>1 + spread) <= spread;
  return early ? u / (v * spread + u) : u * spread / (v + u * spread);
}

/** Crossing by noise between points a and b below threshold, as part of 1, or NEVER. */
function hidden(a: f32, b: f32, variance: f32, chance: f32): f32 {
  const exponent = <f32>2 * a * b;
  if (!(exponent < IMPROBABLE * variance && exponent < -log32(chance) * variance)) return NEVER;
  return firstPassage(a / (a + b), a + b, variance, draw(EVENT_STREAM));
}

/** A path that rises and falls again between ends a and b below threshold, with its top at `top`. */
function aroundTop(a: f32, b: f32, top: f32, variance: f32, c1: f32, c2: f32, c3: f32, c4: f32): f32 {
  const smooth = lift(top, c1, c2, c3, c4) - a;
  if (smooth < 0 && smooth * smooth > <f32>9 * variance) return NEVER;
  const word = draw(EVENT_STREAM);
  const before = variance * top;
  const after = variance * (<f32>1 - top);
  const noise = Mathf.sqrt(before * (<f32>1 - top)) * (f32x4.extract_lane(bytes(word), 3) * BYTES_SCALE);
  const over = smooth + noise;
  if (over >= 0) {
    const tilted = c1 + noise / top;
    const guess = top - Mathf.sqrt(over / -(c2 + top * (<f32>3 * c3 + <f32>6 * c4 * top)));
    const u = solve(a, guess > 0 ? guess : 0, top, tilted, c2, c3, c4);
    return top * firstPassage(u / top, steepness(u, tilted, c2, c3, c4) * top, before, word);
  }
  const first = hidden(a, -over, before, uniformOf(i32x4.extract_lane(word, 0)));
  if (first != NEVER) return top * first;
  const second = hidden(-over, b, after, uniformOf(i32x4.extract_lane(word, 1)));
  return second != NEVER ? top + (<f32>1 - top) * second : NEVER;
}

/** First time within the step at which the open lane meets its threshold, or NEVER. */
export function crossing(l: usize): f32 {
  const from = load<f32>(l, START);
  const first = load<f32>(l, START_X);
  const a = load<f32>(l, THRESHOLD) - first;
  if (!(a > 0)) return from;
  const span = length - from;
  const rise = load<f32>(l, X) - first;
  const last = span * endSlope(l);
  const c1 = span * load<f32>(l, START_SLOPE);
  const cubic2 = <f32>3 * rise - <f32>2 * c1 - last;
  const cubic3 = c1 + last - <f32>2 * rise;
  const c2 = load<f32>(l, EXP_RATE) > 0 ? cubic2 : <f32>0.5 * span * span * load<f32>(l, START_BEND);
  const c3 = cubic3 + <f32>2 * (cubic2 - c2);
  const c4 = c2 - cubic2;
  const variance = load<f32>(l, DIFFUSION) * span;
  let u: f32 = NEVER;
  if (rise >= a) {
    const parabola = <f32>4 * a * (rise - c1);
    const discriminant = c1 * c1 + parabola;
    const guess = <f32>2 * a / (c1 + Mathf.sqrt(discriminant > 0 ? discriminant : 0));
    u = solve(a, guess, 1, c1, c2, c3, c4);
    if (variance > 0) u = firstPassage(u, steepness(u, c1, c2, c3, c4), variance, draw(EVENT_STREAM));
  } else if (c1 > 0 && last < 0) {
    const top = c1 / (Mathf.sqrt(cubic2 * cubic2 - <f32>3 * c1 * cubic3) - cubic2);
    u = aroundTop(a, a - rise, top < 1 ? top : 1, variance, c1, c2, c3, c4);
  } else if (<f32>2 * a * (a - rise) < IMPROBABLE * variance) {
    u = hidden(a, a - rise, variance, uniformOf(i32x4.extract_lane(draw(EVENT_STREAM), 0)));
  }
  return u < 0 ? NEVER : from + span * u;
}
