/**
 * First crossing and turning points of a linear neuron (linear-flow.ts), without scanning.
 *
 * A linear functional u of the state is a sum of exponentials. With c the coefficients of u, those of u̇ + r u are
 * (Aᵀ + r) c, and
 *
 *     d(e^{rs} u)/ds = e^{rs} (u̇ + r u)
 *
 * so between the zeros of u̇ + r u the function e^{rs} u is monotone and u has at most one zero, which its signs at the
 * ends bracket. With r the rate of one of the exponentials, u̇ + r u has one exponential less. This is repeated until a
 * single exponential is left, which has no zero, or an oscillating pair, whose zeros are known. Then one goes back up.
 */

import { type AdaptiveNeuron, E, H, I, STATE, V, W } from "./adaptive.ts";
import { outOfReach } from "./closed-form.ts";
import { moveLinear } from "./linear-flow.ts";

/** Coefficients of a functional: those of the state, then the constant. */
const CONSTANT = STATE;
const SIZE = STATE + 1;
/** A constant, the threshold, two currents, two eigenvalues of (V, w): at most so many functionals in a row. */
const LEVELS = 7;
/** More than safeguarded Newton needs when every step is a bisection of a double. */
const MAX_ITERATIONS = 100;

const coefficients = new Float64Array(SIZE * LEVELS);
const rates = new Float64Array(LEVELS);
let levels = 0;

/** Zeros of the present level and of the one above it, ascending. */
let zeros = new Float64Array(16);
let next = new Float64Array(16);
let count = 0;

const start = new Float64Array(STATE);
const probe = new Float64Array(STATE);
/** The state at the end of the stretch, and its length. */
const ending = new Float64Array(STATE);
let endTime = 0;

/**
 * First s in (0, h] at which V − h rises through ϑ from below, Infinity when it does not. `x` is moved to the crossing,
 * or by h when there is none. A maximum that only touches ϑ is no crossing.
 */
export function firstLinearCrossing(neuron: AdaptiveNeuron, x: Float64Array, h: number): number {
  start.set(x);
  ending.set(x);
  moveLinear(neuron, ending, h);
  endTime = h;
  if (staysBelow(neuron, h)) {
    x.set(ending);
    return Number.POSITIVE_INFINITY;
  }
  coefficients.fill(0, 0, SIZE);
  coefficients[V] = 1;
  coefficients[H] = -1;
  coefficients[CONSTANT] = -neuron.threshold;
  levels = 1;
  reduce(neuron, 0);
  reduceRest(neuron, h, true);
  let from = 0;
  let before = valueAt(neuron, 0, 0);
  for (let piece = 0; piece <= count; piece++) {
    const to = piece < count ? zeros[piece]! : h;
    if (!(to > from)) continue;
    const after = valueAt(neuron, 0, to);
    if (before < 0 && after >= 0) {
      const s = zeroBetween(neuron, 0, from, to, true);
      x.set(probe);
      x[V] = neuron.threshold + x[H]!;
      return s;
    }
    from = to;
    before = after;
  }
  x.set(ending);
  return Number.POSITIVE_INFINITY;
}

/**
 * Whether V certainly stays below ϑ + h: cheap, and true for most stretches. Up to a first crossing V ≤ ϑ + h(0) bounds
 * w from above, that and the inhibition V from below, and that w from below; with w and I at their bounds V is at most
 * the membrane of closed-form.ts.
 */
function staysBelow(neuron: AdaptiveNeuron, h: number): boolean {
  const { adaptation, threshold, membrane, leakRate } = neuron;
  if (!(adaptation >= 0)) return false;
  const v = start[V]!;
  const e = start[E]!;
  const lowest = threshold + ending[H]!;
  if (!(v < lowest && ending[V]! < lowest && e >= 0)) return false;
  const largestAdaptation = Math.max(start[W]!, adaptation * (threshold + start[H]!), 0);
  const smallestPotential = Math.min(v, start[I]! - largestAdaptation);
  const current = ending[I]! - Math.min(start[W]!, adaptation * smallestPotential);
  if (Math.max(v, e + current) < lowest) return true;
  if (v + leakRate * h * (e + current - v) < lowest) return true;
  return current <= 0 && outOfReach(membrane, v, e, current);
}

/** Times in (0, h) at which V turns, ascending, written to `out`; returns their number (at most 16). */
export function linearTurns(neuron: AdaptiveNeuron, x: Float64Array, h: number, out: Float64Array): number {
  start.set(x);
  ending.set(x);
  moveLinear(neuron, ending, h);
  endTime = h;
  coefficients.fill(0, 0, SIZE);
  coefficients[V] = -1;
  coefficients[W] = -1;
  coefficients[E] = 1;
  coefficients[I] = 1;
  levels = 1;
  reduceRest(neuron, h, false);
  findZeros(neuron, 0, h);
  const found = Math.min(count, out.length);
  out.set(zeros.subarray(0, found));
  return found;
}

/** Adds the functional u̇ + r u of the last one. */
function reduce(neuron: AdaptiveNeuron, rate: number): void {
  const at = (levels - 1) * SIZE;
  rates[levels - 1] = rate;
  const to = levels * SIZE;
  const { leakRate, adaptRate, adaptation, excRate, inhRate, thresholdRate } = neuron;
  const v = coefficients[at + V]!;
  const w = coefficients[at + W]!;
  coefficients[to + V] = (rate - leakRate) * v + adaptation * adaptRate * w;
  coefficients[to + W] = (rate - adaptRate) * w - leakRate * v;
  coefficients[to + E] = (rate - excRate) * coefficients[at + E]! + leakRate * v;
  coefficients[to + I] = (rate - inhRate) * coefficients[at + I]! + leakRate * v;
  coefficients[to + H] = (rate - thresholdRate) * coefficients[at + H]!;
  coefficients[to + CONSTANT] = rate * coefficients[at + CONSTANT]!;
  levels++;
}

/** Reduces to the last level and goes back up to level 1 (or stays at the top when it is the last). */
function reduceRest(neuron: AdaptiveNeuron, h: number, threshold: boolean): void {
  const { mean, discriminant } = neuron;
  if (threshold && start[H] !== 0) reduce(neuron, neuron.thresholdRate);
  if (start[I] !== 0) reduce(neuron, neuron.inhRate);
  if (start[E] !== 0 && !(start[I] !== 0 && neuron.excRate === neuron.inhRate))
    reduce(neuron, neuron.excRate);
  if (discriminant >= 0) {
    // The slow eigenvalue goes; what is left is e^{(μ−δ)s}.
    reduce(neuron, -(mean + Math.sqrt(discriminant)));
    count = 0;
  } else {
    oscillationZeros(neuron, Math.sqrt(-discriminant), h);
  }
  for (let level = levels - 2; level >= 1; level--) findZeros(neuron, level, h);
}

/** Zeros in (0, h) of the last functional e^{μs}(A cos ωs + B sin ωs). */
function oscillationZeros(neuron: AdaptiveNeuron, omega: number, h: number): void {
  const at = (levels - 1) * SIZE;
  let value = coefficients[at + CONSTANT]!;
  let slope = 0;
  const { leakRate, adaptRate, adaptation, excRate, inhRate, thresholdRate, mean } = neuron;
  const motion = [
    leakRate * (start[E]! + start[I]! - start[V]! - start[W]!),
    adaptRate * (adaptation * start[V]! - start[W]!),
    -excRate * start[E]!,
    -inhRate * start[I]!,
    -thresholdRate * start[H]!,
  ];
  for (let k = 0; k < STATE; k++) {
    value += coefficients[at + k]! * start[k]!;
    slope += coefficients[at + k]! * motion[k]!;
  }
  const phase = Math.atan2((slope - mean * value) / omega, value);
  count = 0;
  // cos(ωs − phase) = 0
  for (let k = Math.ceil((-phase - Math.PI / 2) / Math.PI); ; k++) {
    const s = (phase + Math.PI / 2 + k * Math.PI) / omega;
    if (s >= h) return;
    if (s > 0) push(s);
  }
}

function push(s: number): void {
  if (count === zeros.length) {
    const longer = new Float64Array(2 * count);
    longer.set(zeros);
    zeros = longer;
    next = new Float64Array(2 * count);
  }
  zeros[count++] = s;
}

/** Replaces the zeros of `level + 1` by those of `level`. */
function findZeros(neuron: AdaptiveNeuron, level: number, h: number): void {
  const pieces = count;
  const ends = zeros;
  zeros = next;
  next = ends;
  count = 0;
  let from = 0;
  let before = valueAt(neuron, level, 0);
  for (let piece = 0; piece <= pieces; piece++) {
    const to = piece < pieces ? ends[piece]! : h;
    if (!(to > from)) continue;
    const after = valueAt(neuron, level, to);
    if (before < 0 !== after < 0 && before !== 0) {
      const s = zeroBetween(neuron, level, from, to, before < 0);
      if (s > 0 && s < h) push(s);
    }
    from = to;
    before = after;
  }
}

/** Value of a functional at s; moves `probe` there. */
function valueAt(neuron: AdaptiveNeuron, level: number, s: number): number {
  if (s === endTime) {
    for (let k = 0; k < STATE; k++) probe[k] = ending[k]!;
  } else {
    for (let k = 0; k < STATE; k++) probe[k] = start[k]!;
    if (s > 0) moveLinear(neuron, probe, s);
  }
  const at = level * SIZE;
  let value = coefficients[at + CONSTANT]!;
  for (let k = 0; k < STATE; k++) value += coefficients[at + k]! * probe[k]!;
  return value;
}

/** The one zero of a functional in (low, high]: Newton kept inside the bracket. `probe` ends at it. */
function zeroBetween(
  neuron: AdaptiveNeuron,
  level: number,
  low: number,
  high: number,
  rising: boolean,
): number {
  const fastest = Math.max(
    neuron.membrane.fastestRate,
    neuron.adaptRate,
    Math.sqrt(Math.abs(neuron.discriminant)),
  );
  let left = low;
  let right = high;
  let s = 0.5 * (low + high);
  const at = (level + 1) * SIZE;
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const value = valueAt(neuron, level, s);
    if (value === 0) return s;
    if (value < 0 === rising) left = s;
    else right = s;
    let slope = coefficients[at + CONSTANT]! - rates[level]! * value;
    for (let k = 0; k < STATE; k++) slope += coefficients[at + k]! * probe[k]!;
    const step = value / slope;
    const newton = s - step > left && s - step < right;
    const following = newton ? s - step : 0.5 * (left + right);
    // Newton converges quadratically: after a step below 1e-9 time constants the next is below rounding.
    const converged =
      Math.abs(step) * fastest < 1e-14 ||
      (newton && Math.abs(step) * fastest < 1e-9) ||
      right - left <= Number.EPSILON * Math.abs(right);
    if (converged && !newton) break;
    s = following;
    if (converged) break;
  }
  valueAt(neuron, level, s);
  return s;
}
