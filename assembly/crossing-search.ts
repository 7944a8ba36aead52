/**
 * When the lanes that end the step above threshold first meet it: as crossing.ts, four at once, with as few branches
 * as can be.
 */

import {
  EVENT_STREAM, PATH_BEND, PATH_FIRST, PATH_HEIGHT, PATH_LAST, PATH_RISE, PATH_VARIANCE, UP_LANE, UP_PATH,
} from "../src/chip/kernel/layout";
import { BYTES_SCALE, ENOUGH, NEWTON_LEAST, NEWTON_MOST } from "./crossing";
import { length } from "./step-window";
import { enqueueFour } from "./queue";
import { bytes, draw, uniforms } from "./random";
import { add, all, div, four, max, mul, orLast, root, sub } from "./vector";

/** c₁ + 2 c₂ u + 3 c₃ u² + 4 c₄ u³ */
// @ts-ignore: decorator
@inline
function steepness(u: v128, c1: v128, c2: v128, c3: v128, c4: v128): v128 {
  const low = add(c1, mul(u, add(c2, c2)));
  return add(low, mul(mul(u, u), add(mul(all(3), c3), mul(u, mul(all(4), c4)))));
}

/**
 * Where the paths have risen by a: Newton's method from `guess`, in a bracket. Lanes that stand are left alone; only
 * those in `present` are waited for.
 */
// @ts-ignore: decorator
@inline
function solve(a: v128, guess: v128, c1: v128, c2: v128, c3: v128, c4: v128, present: i32): v128 {
  let low = all(0);
  let top = all(1);
  let u = guess;
  let moving = i32x4.splat(-1);
  for (let k = 1; k <= NEWTON_MOST; k++) {
    const lift = mul(u, add(add(c1, mul(u, c2)), mul(mul(u, u), add(c3, mul(u, c4)))));
    const value = sub(lift, a);
    const below = f32x4.lt(value, all(0));
    low = v128.bitselect(u, low, below);
    top = v128.bitselect(top, u, below);
    const slope = steepness(u, c1, c2, c3, c4);
    const next = sub(u, div(value, slope));
    const inside = v128.and(f32x4.ge(next, low), f32x4.le(next, top));
    const better = v128.bitselect(next, mul(all(0.5), add(low, top)), v128.and(f32x4.gt(slope, all(0)), inside));
    const change = f32x4.abs(sub(better, u));
    u = v128.bitselect(better, u, moving);
    if (k < NEWTON_LEAST) continue;
    moving = v128.and(moving, f32x4.ge(change, all(ENOUGH)));
    if ((i32x4.bitmask(moving) & present) == 0) break;
  }
  return u;
}

/** First passage of bridges whose means cross at u with `slope`: firstPassage of crossing.ts. */
// @ts-ignore: decorator
@inline
function firstPassage(u: v128, slope: v128, variance: v128, z: v128, uniform: v128): v128 {
  const v = sub(all(1), u);
  const room = mul(mul(mul(u, v), slope), slope);
  const noisy = v128.and(f32x4.gt(variance, all(0)), f32x4.gt(room, mul(all(1e-6), variance)));
  const w = div(mul(mul(z, z), variance), add(room, room));
  const spread = add(add(all(1), w), root(mul(w, add(w, all(2)))));
  const early = f32x4.le(mul(uniform, add(all(1), spread)), spread);
  const late = mul(u, spread);
  const part = v128.bitselect(u, late, early);
  const whole = v128.bitselect(add(mul(v, spread), u), add(v, late), early);
  return v128.bitselect(div(part, whole), u, noisy);
}

/** Queues the crossings of the lanes in UP_LANE, 4 bytes each up to `end`. */
export function searchUp(end: usize): void {
  const span = all(length);
  for (let k: usize = 0; k < end; k += 16) {
    const l0: usize = load<u32>(k, UP_PATH);
    const l1: usize = load<u32>(orLast(k + 4, end), UP_PATH);
    const l2: usize = load<u32>(orLast(k + 8, end), UP_PATH);
    const l3: usize = load<u32>(orLast(k + 12, end), UP_PATH);
    const a = four(l0 + PATH_HEIGHT, l1 + PATH_HEIGHT, l2 + PATH_HEIGHT, l3 + PATH_HEIGHT);
    const rise = four(l0 + PATH_RISE, l1 + PATH_RISE, l2 + PATH_RISE, l3 + PATH_RISE);
    const c1 = four(l0 + PATH_FIRST, l1 + PATH_FIRST, l2 + PATH_FIRST, l3 + PATH_FIRST);
    const last = four(l0 + PATH_LAST, l1 + PATH_LAST, l2 + PATH_LAST, l3 + PATH_LAST);
    const c2 = four(l0 + PATH_BEND, l1 + PATH_BEND, l2 + PATH_BEND, l3 + PATH_BEND);
    const variance = four(l0 + PATH_VARIANCE, l1 + PATH_VARIANCE, l2 + PATH_VARIANCE, l3 + PATH_VARIANCE);
    const cubic2 = sub(sub(mul(all(3), rise), mul(all(2), c1)), last);
    const cubic3 = sub(add(c1, last), mul(all(2), rise));
    const c3 = add(cubic3, mul(all(2), sub(cubic2, c2)));
    const c4 = sub(c2, cubic2);
    const parabola = mul(mul(all(4), a), sub(rise, c1));
    const discriminant = max(add(mul(c1, c1), parabola), all(0));
    const guess = div(mul(all(2), a), add(c1, root(discriminant)));
    const number: i32 = end - k < 16 ? <i32>((end - k) >> 2) : 4;
    let u = solve(a, guess, c1, c2, c3, c4, (1 << number) - 1);
    const z = mul(bytes(draw(EVENT_STREAM)), all(BYTES_SCALE));
    u = firstPassage(u, steepness(u, c1, c2, c3, c4), variance, z, uniforms(draw(EVENT_STREAM)));
    const times = v128.and(mul(span, u), f32x4.gt(a, all(0)));
    enqueueFour(v128.load(k, UP_LANE), times, number);
  }
}
