/**
 * Crossings to come within the step, taken out in ascending time; equal times in the order found. They are few and stand
 * as they came, four times to a vector; the earliest is looked for when it is wanted, without a branch that depends on
 * their order. Places behind the last, and those that were taken out, hold Infinity. Twin of src/kernels/oracle/queue.ts.
 */

import { LANES, QUEUE, QUEUE_TIME } from "../src/kernels/layout";
import { all, min } from "./vector";

/** Where the last four lanes can be put; behind them is room for one vector. */
const LAST_FOUR: usize = (LANES - 8) << 2;

/** Places taken since the queue was empty, × 4, and how many of them wait. */
let tail: usize = 0;
let count: i32 = 0;
/** Crossing of the lane that was taken out last. */
export let crossed: f32 = 0;

export function clearQueue(): void {
  tail = 0;
  count = 0;
  v128.store(0, all(Infinity), QUEUE_TIME);
}

/** Closes the gaps that were left by crossings taken out, when no place is left for four more. */
function makeRoom(): void {
  let kept: usize = 0;
  for (let k: usize = 0; k < tail; k += 4) {
    const time = load<f32>(k, QUEUE_TIME);
    if (time == Infinity) continue;
    store<u32>(kept, load<u32>(k, QUEUE), QUEUE);
    store<f32>(kept, time, QUEUE_TIME);
    kept += 4;
  }
  tail = kept;
  v128.store(kept, all(Infinity), QUEUE_TIME);
}

/** Queues the first `number` of four lanes. */
export function enqueueFour(lanes: v128, times: v128, number: i32): void {
  if (tail > LAST_FOUR) makeRoom();
  v128.store(tail, lanes, QUEUE);
  v128.store(tail, times, QUEUE_TIME);
  tail += <usize>number << 2;
  count += number;
  v128.store(tail, all(Infinity), QUEUE_TIME);
}

export function enqueue(l: usize, time: f32): void {
  enqueueFour(i32x4.splat(<i32>l), all(time), 1);
}

/** Takes the lane out again, if it is queued. */
export function withdraw(l: usize): void {
  for (let k: usize = 0; k < tail; k += 4) {
    if (load<u32>(k, QUEUE) != l || load<f32>(k, QUEUE_TIME) == Infinity) continue;
    store<f32>(k, Infinity, QUEUE_TIME);
    count--;
    return;
  }
}

// @ts-ignore: decorator
@inline
export function waiting(): bool {
  return count > 0;
}

/** Lane of the earliest crossing, taken out; its time is left in `crossed`. */
export function next(): usize {
  let least = v128.load(0, QUEUE_TIME);
  for (let k: usize = 16; k < tail; k += 16) least = min(least, v128.load(k, QUEUE_TIME));
  least = min(least, v128.shuffle<i32>(least, least, 2, 3, 0, 1));
  least = min(least, v128.shuffle<i32>(least, least, 1, 0, 3, 2));
  let k: usize = 0;
  let found = i32x4.bitmask(f32x4.eq(v128.load(0, QUEUE_TIME), least));
  while (found == 0) {
    k += 16;
    found = i32x4.bitmask(f32x4.eq(v128.load(k, QUEUE_TIME), least));
  }
  k += <usize>ctz(found) << 2;
  crossed = load<f32>(k, QUEUE_TIME);
  store<f32>(k, Infinity, QUEUE_TIME);
  count--;
  if (count == 0) tail = 0;
  return load<u32>(k, QUEUE);
}
