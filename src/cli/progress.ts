/**
 * Shows progress events (core/progress.ts) on stderr: one line that is rewritten on a terminal, plain lines
 * without one; with --verbose a line for every step, which stays. The time left comes from the median of recent steps, so that one slow step does not shake it.
 */

import { clearLine, cursorTo } from "node:readline";
import type { ProgressEvent, Report } from "../core/progress.ts";
import type { Terminal } from "./terminal.ts";

/** Rewrites at most this often, ms. */
const LINE_INTERVAL = 100;
/** Without a terminal a plain line at most this often, ms; the last step of a phase always. */
const PLAIN_INTERVAL = 10_000;
/** Without a terminal the first line from within a step, ms after it began, and the next ones. */
const FIRST_PART = 4_000;
const PART_INTERVAL = 30_000;
/** Steps that the estimate of the time left looks back on. */
const MEMORY = 16;

export interface ProgressDisplay {
  readonly report: Report;
  /** Removes the line; call before anything else is written and at the end. */
  clear(): void;
}

export interface ProgressOptions {
  /** Milliseconds, monotonic. */
  readonly clock?: () => number;
  readonly stream?: NodeJS.WriteStream;
}

type Step = Extract<ProgressEvent, { kind: "step" }>;

export function createProgress(terminal: Terminal, options: ProgressOptions = {}): ProgressDisplay {
  const clock = options.clock ?? (() => performance.now());
  const stream = options.stream ?? process.stderr;
  const pace = createPace();
  let lastShown = Number.NEGATIVE_INFINITY;
  /** When the count began: the first event of it. */
  let began: number | undefined;
  let lineOpen = false;

  const clear = (): void => {
    if (!lineOpen) return;
    clearLine(stream, 0);
    cursorTo(stream, 0);
    lineOpen = false;
  };
  const showLine = (text: string): void => {
    clearLine(stream, 0);
    cursorTo(stream, 0);
    stream.write(text.slice(0, Math.max(1, (stream.columns || 80) - 1)));
    lineOpen = true;
  };
  const step = (event: Step): void => {
    const now = clock();
    const secondsLeft = pace.secondsLeft(event, now);
    const text = stepText(event, secondsLeft);
    began ??= now;
    const within = event.part !== undefined;
    if (terminal.verbose && !within) {
      clear();
      stream.write(`${text}\n`);
      lastShown = now;
      return;
    }
    const last = !within && event.done >= event.total;
    if (within && terminal.progress === "plain" && now - began < FIRST_PART) return;
    if (!last && now - lastShown < intervalOf(event)) return;
    lastShown = now;
    if (terminal.progress === "line") showLine(text);
    else stream.write(`${text}\n`);
  };
  /** How long after the line before the next one may come, ms. */
  const intervalOf = ({ part }: Step): number => {
    if (terminal.progress === "line") return LINE_INTERVAL;
    return part === undefined ? PLAIN_INTERVAL : PART_INTERVAL;
  };
  const report: Report = (event) => {
    if (event.kind === "warning") {
      clear();
      terminal.warn(event.message, undefined, event.hint);
      return;
    }
    if (terminal.progress === "none") return;
    if (event.kind === "step") {
      step(event);
      return;
    }
    clear();
    pace.restart();
    lastShown = Number.NEGATIVE_INFINITY;
    began = undefined;
    terminal.say(event.detail === undefined ? event.name : `${event.name}: ${event.detail}`);
  };
  return { report, clear };
}

/** `epoch 12/50  loss 0.412  accuracy 0.871  3.1 s left`, within a step `epoch 13/50  batch 7/100  …` */
function stepText(event: Step, secondsLeft: number | undefined): string {
  const figures = Object.entries(event.figures ?? {}).map(([name, value]) => `${name} ${shortNumber(value)}`);
  const left =
    secondsLeft === undefined || event.done >= event.total ? [] : [`${duration(secondsLeft)} left`];
  const name = event.name === undefined ? [] : [event.name];
  const { part } = event;
  // The step that is being done is the one after those that are complete.
  const done = part === undefined ? event.done : Math.min(event.total, Math.ceil(event.done));
  const within = part === undefined ? [] : [`${part.unit} ${part.done}/${part.total}`];
  return [`${event.unit} ${done}/${event.total}`, ...within, ...name, ...figures, ...left].join("  ");
}

/**
 * Time left from the median duration of the last steps of one count; before the first step is complete, from its parts.
 */
function createPace() {
  let unit = "";
  let total = 0;
  let previous: { done: number; time: number } | undefined;
  let durations: number[] = [];
  let sawWhole = false;
  const restart = (): void => {
    previous = undefined;
    durations = [];
    sawWhole = false;
  };
  const secondsLeft = (event: Step, now: number): number | undefined => {
    if (
      event.unit !== unit ||
      event.total !== total ||
      (previous !== undefined && event.done < previous.done)
    ) {
      unit = event.unit;
      total = event.total;
      restart();
    }
    const whole = event.part === undefined;
    if (whole && !sawWhole) {
      // What was learned from parts leaves out what comes between two steps.
      restart();
      sawWhole = true;
    } else if ((whole || !sawWhole) && previous !== undefined && event.done > previous.done) {
      durations.push((now - previous.time) / (event.done - previous.done));
      if (durations.length > MEMORY) durations.shift();
    }
    if ((whole || !sawWhole) && (previous === undefined || event.done > previous.done))
      previous = { done: event.done, time: now };
    if (durations.length === 0) return undefined;
    const sorted = [...durations].sort((a, b) => a - b);
    return (sorted[sorted.length >> 1]! * (event.total - event.done)) / 1000;
  };
  return { restart, secondsLeft };
}

/** Three significant digits, without exponents where a person would not write one. */
export function shortNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  const size = Math.abs(value);
  if (!Number.isFinite(value) || size >= 1e6 || (size > 0 && size < 1e-4)) return value.toExponential(2);
  return value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(size || 1))));
}

/** `3.1 s`, `2 min 05 s`, `1 h 12 min`. */
export function duration(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
}

/** `21 kB`, `1.3 GB`. */
export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let place = 0;
  let value = bytes;
  for (; value >= 999.5 && place < units.length - 1; place++) value /= 1000;
  return `${value < 10 && place > 0 ? value.toFixed(1) : Math.round(value)} ${units[place]}`;
}
