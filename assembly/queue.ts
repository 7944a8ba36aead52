/** Crossings to come within the step, in ascending time. Twin of src/kernels/oracle/queue.ts. */

import { CROSSING, QUEUE } from "../src/kernels/layout";

let head: i32 = 0;
let tail: i32 = 0;

// @ts-ignore: decorator
@inline
function entry(k: i32): usize {
  return QUEUE + ((<usize>k) << 2);
}

export function enqueue(l: usize, time: f32): void {
  store<f32>(l, time, CROSSING);
  let k = tail;
  while (k > head) {
    const other = load<u32>(entry(k - 1));
    if (load<f32>(other, CROSSING) <= time) break;
    store<u32>(entry(k), other);
    k--;
  }
  store<u32>(entry(k), <u32>l);
  tail++;
}

/** Takes the lane out again, if it is queued. */
export function withdraw(l: usize): void {
  let k = head;
  while (k < tail && load<u32>(entry(k)) != l) k++;
  if (k == tail) return;
  tail--;
  for (; k < tail; k++) store<u32>(entry(k), load<u32>(entry(k + 1)));
}

// @ts-ignore: decorator
@inline
export function waiting(): bool {
  return tail > head;
}

/** Lane of the earliest crossing, taken out. */
export function next(): usize {
  const l = load<u32>(entry(head++));
  if (head == tail) {
    head = 0;
    tail = 0;
  }
  return l;
}

export function clearQueue(): void {
  head = 0;
  tail = 0;
}
