/** The step in progress: when it is, and which samples fall into it. */

import { GROUP_STRIDE, SAMPLES, SAMPLE_TIME, TRACES, TRACE_TIME } from "../src/chip/kernel/layout";

/** Start (µs from the start of the entry), length, and end for samples. */
export let start: f64 = 0;
export let length: f32 = 0;
export let end: f64 = 0;

/** Samples of each group and points of the trace that fall into the step: first and end. */
export let sampleFrom0: i32 = 0;
export let sampleTo0: i32 = 0;
export let sampleFrom1: i32 = 0;
export let sampleTo1: i32 = 0;
export let traceFrom: i32 = 0;
export let traceTo: i32 = 0;
/** When in the step the last of them is, −1 when there is none. */
export let lastReading: f32 = -1;

export function rewind(): void {
  sampleTo0 = 0;
  sampleTo1 = 0;
  traceTo = 0;
  start = 0;
  end = -1e-9;
  passIgnored();
}

/** First entry from `from` on that is later than `limit`. */
function after(from: i32, count: i32, times: usize, limit: f64): i32 {
  let k = from;
  while (k < count && load<f64>(times + ((<usize>k) << 3)) <= limit) k++;
  return k;
}

function passIgnored(): void {
  sampleTo0 = after(0, load<i32>(SAMPLES), load<u32>(SAMPLE_TIME), end);
  sampleTo1 = after(0, load<i32>(SAMPLES + GROUP_STRIDE), load<u32>(SAMPLE_TIME + GROUP_STRIDE), end);
  traceTo = after(0, load<i32>(TRACES), load<u32>(TRACE_TIME), end);
}

/** Takes note of the last of the readings before `to`. */
// @ts-ignore: decorator
@inline
function noteReading(times: usize, to: i32): void {
  const time = <f32>(load<f64>(times + ((<usize>to - 1) << 3)) - start);
  if (time > lastReading) lastReading = time > 0 ? time : 0;
}

export function begin(from: f64, to: f64, interval: f32): void {
  start = from;
  end = to;
  length = interval;
  sampleFrom0 = sampleTo0;
  sampleFrom1 = sampleTo1;
  traceFrom = traceTo;
  sampleTo0 = after(sampleFrom0, load<i32>(SAMPLES), load<u32>(SAMPLE_TIME), to);
  sampleTo1 = after(sampleFrom1, load<i32>(SAMPLES + GROUP_STRIDE), load<u32>(SAMPLE_TIME + GROUP_STRIDE), to);
  traceTo = after(traceFrom, load<i32>(TRACES), load<u32>(TRACE_TIME), to);
  lastReading = -1;
  if (sampleTo0 > sampleFrom0) noteReading(load<u32>(SAMPLE_TIME), sampleTo0);
  if (sampleTo1 > sampleFrom1) noteReading(load<u32>(SAMPLE_TIME + GROUP_STRIDE), sampleTo1);
  if (traceTo > traceFrom) noteReading(load<u32>(TRACE_TIME), traceTo);
}
