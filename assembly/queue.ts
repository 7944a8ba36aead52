/**
 * Crossings to come within the step, taken out in ascending time; equal times in the order found. They are few and
 * stand as they came, four times to a vector; the earliest is looked for when it is wanted, without a branch that
 * depends on their order. Places where none waits hold Infinity.
 */

import { LANES, QUEUE, QUEUE_TIME } from "../src/chip/kernel/layout";
import { length } from "./step-window";
import { all, min } from "./vector";

const END: usize = LANES << 2;
/** Where the last four lanes can be put; behind them is room for one vector. */
const LAST_FOUR: usize = END - 32;

/** Places taken since the queue was empty, × 4, and how many of them wait. */
let tail: usize = 0;
let count: i32 = 0;
/** Crossing of the lane that was taken out last. */
export let crossed: f32 = 0;

export function clearQueue(): void {
  tail = 0;
  count = 0;
  clearFrom(0);
}

function clearFrom(first: usize): void {
  for (let k = END - 16; k > first; k -= 16) v128.store(k, all(Infinity), QUEUE_TIME);
  v128.store(first, all(Infinity), QUEUE_TIME);
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
  clearFrom(kept);
}

/** Queues the first `number` of four lanes. */
export function enqueueFour(lanes: v128, times: v128, number: i32): void {
  if (tail > LAST_FOUR) makeRoom();
  v128.store(tail, lanes, QUEUE);
  // What is no time, or later than the step, would never be found.
  v128.store(tail, min(all(length), times), QUEUE_TIME);
  tail += <usize>number << 2;
  count += number;
  v128.store(tail, all(Infinity), QUEUE_TIME);
}

export function enqueue(l: usize, time: f32): void {
  enqueueFour(i32x4.splat(<i32>l), all(time), 1);
}

/** Takes the lane out again, if it is queued. */
export function cancelCrossing(l: usize): void {
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

/** Lane of the earliest crossing, taken out; its time is left in `crossed`. Mostly it is among the first eight. */
export function next(): usize {
  const low = v128.load(0, QUEUE_TIME);
  const high = v128.load(16, QUEUE_TIME);
  let least = min(low, high);
  for (let k: usize = 32; k < tail; k += 16) least = min(least, v128.load(k, QUEUE_TIME));
  least = min(least, v128.shuffle<i32>(least, least, 2, 3, 0, 1));
  least = min(least, v128.shuffle<i32>(least, least, 1, 0, 3, 2));
  let k: usize = 0;
  let found = i32x4.bitmask(f32x4.eq(low, least)) | (i32x4.bitmask(f32x4.eq(high, least)) << 4);
  while (found == 0) {
    k += 32;
    found = i32x4.bitmask(f32x4.eq(v128.load(k, QUEUE_TIME), least));
    found |= i32x4.bitmask(f32x4.eq(v128.load(k, QUEUE_TIME + 16), least)) << 4;
  }
  k += <usize>ctz(found) << 2;
  crossed = f32x4.extract_lane(least, 0);
  store<f32>(k, Infinity, QUEUE_TIME);
  count--;
  // A branch here could not be predicted.
  tail = select<usize>(0, tail, count == 0);
  return load<u32>(k, QUEUE);
}
