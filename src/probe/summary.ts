/**
 * Traces and spikes → the numbers that published figures show: where a membrane rests, how far it goes, how much it
 * moves by itself, how often and when a neuron spikes. Codes are those of the converter that was recorded.
 */

import type { ProbedNeuron } from "./run-probe.ts";

/** Of one value of the sweep and one neuron, means over repeats; NaN where there is nothing to measure. */
export interface ProbeSummary {
  readonly value: number;
  readonly neuron: number;
  /** Mean code before the first event, over the whole run where there is none. */
  readonly rest: number;
  /** Standard deviation of the samples of that time, and of their means over 2 µs. */
  readonly noise: number;
  readonly slowNoise: number;
  /** Largest and smallest code of the mean trace over repeats, minus the rest. */
  readonly peak: number;
  readonly trough: number;
  /** Spikes per run; time of the first one; first and last interval between spikes: µs. */
  readonly spikes: number;
  readonly firstSpike: number;
  readonly firstInterval: number;
  readonly lastInterval: number;
}

export const SUMMARY_COLUMNS = [
  "value",
  "neuron",
  "rest",
  "noise",
  "slowNoise",
  "peak",
  "trough",
  "spikes",
  "firstSpike",
  "firstInterval",
  "lastInterval",
] as const satisfies readonly (keyof ProbeSummary)[];

/** µs */
const SLOW = 2;

/** @param firstEvent time of the first event of a run, µs; Infinity without events */
export function summarize(probed: readonly ProbedNeuron[], firstEvent: number): ProbeSummary[] {
  const groups = new Map<string, ProbedNeuron[]>();
  for (const one of probed) {
    const key = `${one.value} ${one.neuron}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((repeats) => summaryOf(repeats, firstEvent));
}

function summaryOf(repeats: readonly ProbedNeuron[], firstEvent: number): ProbeSummary {
  const { value, neuron, time } = repeats[0]!;
  const quiet = time.flatMap((t, k) => (t < firstEvent ? [k] : []));
  const trace = time.map((_, k) => mean(repeats.map(({ code }) => code[k]!)));
  const rest = mean(quiet.map((k) => trace[k]!));
  const spikes = repeats.map((one) => one.spikes);
  const intervals = spikes.map((times) => times.slice(1).map((t, i) => t - times[i]!));
  return {
    value,
    neuron,
    rest,
    noise: mean(repeats.map(({ code }) => deviation(quiet.map((k) => code[k]!)))),
    slowNoise: mean(repeats.map((one) => deviation(blockMeans(one, firstEvent)))),
    peak: Math.max(...trace) - rest,
    trough: Math.min(...trace) - rest,
    spikes: mean(spikes.map(({ length }) => length)),
    firstSpike: mean(spikes.flatMap((times) => times.slice(0, 1))),
    firstInterval: mean(intervals.flatMap((own) => own.slice(0, 1))),
    lastInterval: mean(intervals.flatMap((own) => own.slice(-1))),
  };
}

/** Means of the samples in each 2 µs before the first event. */
function blockMeans({ time, code }: ProbedNeuron, firstEvent: number): number[] {
  const blocks = new Map<number, number[]>();
  time.forEach((t, k) => {
    if (t < 0 || t >= firstEvent) return;
    const block = Math.floor(t / SLOW);
    blocks.set(block, [...(blocks.get(block) ?? []), code[k]!]);
  });
  return [...blocks.values()].map(mean);
}

/** Over the neurons of one value: mean and standard deviation of each number. */
export interface ProbeSpread {
  readonly value: number;
  readonly mean: Readonly<Record<string, number>>;
  readonly spread: Readonly<Record<string, number>>;
}

export function spreads(summaries: readonly ProbeSummary[]): ProbeSpread[] {
  const values = [...new Set(summaries.map(({ value }) => value))];
  return values.map((value) => {
    const own = summaries.filter((one) => one.value === value);
    const over = (of: (list: readonly number[]) => number) =>
      Object.fromEntries(
        SUMMARY_COLUMNS.slice(2).map((name) => [
          name,
          of(own.map((one) => one[name]).filter(Number.isFinite)),
        ]),
      );
    return { value, mean: over(mean), spread: over(deviation) };
  });
}

/** NaN of nothing. */
function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** With n − 1; NaN below two values. */
function deviation(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN;
  const center = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1));
}
