/** Crossings to come within the step, in ascending time; equal times in the order found. Twin of assembly/queue.ts. */

import type { OracleState } from "./state.ts";

export function enqueue({ lanes, queue, length }: OracleState, lane: number, crossing: number): void {
  const time = crossing < length ? crossing : length;
  lanes.crossing[lane] = time;
  let k = queue.length;
  while (k > 0 && lanes.crossing[queue[k - 1]!]! > time) k--;
  queue.splice(k, 0, lane);
}

/** Takes the lane out again, if it is queued. */
export function withdraw({ queue }: OracleState, lane: number): void {
  const k = queue.indexOf(lane);
  if (k >= 0) queue.splice(k, 1);
}
