/**
 * Motion of a neuron whose F(V) is not linear: the method of J. R. Dormand and P. J. Prince (1980) of order 5 with an
 * error estimate of order 4, in (V, w). The synaptic currents decay in closed form.
 *
 * A step whose end lies at or above ϑ (or whose V turns above it) holds a spike. Its time is found by making the step
 * again, from the same start, with the length at which V = ϑ: the crossing is as exact as the steps are.
 *
 * Backwards, p = ∂L/∂x is integrated by the same method along the recorded steps, whose ends (V, w) are kept. Within a
 * step V is the polynomial of degree 5 with the values, slopes and curvatures at both ends, which the equations give:
 * its error is of order 6, smaller than that of the step. Solving the state backwards instead would multiply errors by
 * e^{t/τ}.
 *
 * One module, though long: steps, crossings and the way back share the tableau and the recorded steps.
 */

import { type AdaptiveNeuron, E, I, membraneSlope, V, W } from "./adaptive.ts";
import { decay } from "./decay.ts";

/** Receives the steps of a motion. */
export interface StepRecord {
  /** A step of length `s` from `from` to (v, w). */
  step(from: Float64Array, s: number, v: number, w: number): void;
}

const A21 = 1 / 5;
const A31 = 3 / 40;
const A32 = 9 / 40;
const A41 = 44 / 45;
const A42 = -56 / 15;
const A43 = 32 / 9;
const A51 = 19372 / 6561;
const A52 = -25360 / 2187;
const A53 = 64448 / 6561;
const A54 = -212 / 729;
const A61 = 9017 / 3168;
const A62 = -355 / 33;
const A63 = 46732 / 5247;
const A64 = 49 / 176;
const A65 = -5103 / 18656;
const B1 = 35 / 384;
const B3 = 500 / 1113;
const B4 = 125 / 192;
const B5 = -2187 / 6784;
const B6 = 11 / 84;
/** Differences to the weights of order 4. */
const E1 = 71 / 57600;
const E3 = -71 / 16695;
const E4 = 71 / 1920;
const E5 = -17253 / 339200;
const E6 = 22 / 525;
const E7 = -1 / 40;

/** Rejections in a row after which the motion is not finite, or has a pole. */
const MAX_REJECTIONS = 200;
const MAX_LOCATING = 60;

/** Result of `tryStep`: V and w at the end, the error relative to what is allowed, and there V̇ and ẇ. */
const trial = new Float64Array(5);
const ERROR = 2;
const SLOPE_V = 3;
const SLOPE_W = 4;

/** V̇ and ẇ at the start of a step. */
const begin = new Float64Array(2);

function slopesAt(neuron: AdaptiveNeuron, x: Float64Array): void {
  begin[0] = membraneSlope(neuron, x);
  begin[1] = neuron.adapts ? neuron.adaptRate * (neuron.adaptation * x[V]! - x[W]!) : 0;
}

/** Makes a step of length h from x, where `begin` holds V̇ and ẇ. */
function tryStep(neuron: AdaptiveNeuron, x: Float64Array, h: number): void {
  const { leakRate, adaptRate, adaptation, excRate, inhRate, tolerance } = neuron;
  const intrinsic = neuron.intrinsic!;
  const v = x[V]!;
  const w = x[W]!;
  const i = x[I]!;
  // What decays alike is one current.
  const alike = excRate === inhRate || i === 0;
  const e = alike ? x[E]! + i : x[E]!;
  const fifth = decay(excRate * h * 0.2);
  const square = fifth * fifth;
  let j2 = e * fifth;
  let j3 = e * decay(excRate * h * 0.3);
  let j4 = e * square * square;
  let j5 = e * decay((excRate * h * 8) / 9);
  let j6 = j4 * fifth;
  if (!alike) {
    j2 += i * decay(inhRate * h * 0.2);
    j3 += i * decay(inhRate * h * 0.3);
    j4 += i * decay(inhRate * h * 0.8);
    j5 += i * decay((inhRate * h * 8) / 9);
    j6 += i * decay(inhRate * h);
  }
  const a = leakRate * h;
  const k = neuron.adapts ? adaptRate * h : 0;
  const v1 = h * begin[0]!;
  const w1 = h * begin[1]!;
  let vs = v + A21 * v1;
  let ws = w + A21 * w1;
  const v2 = a * (intrinsic.current(vs, neuron) + j2 - ws);
  const w2 = k * (adaptation * vs - ws);
  vs = v + A31 * v1 + A32 * v2;
  ws = w + A31 * w1 + A32 * w2;
  const v3 = a * (intrinsic.current(vs, neuron) + j3 - ws);
  const w3 = k * (adaptation * vs - ws);
  vs = v + A41 * v1 + A42 * v2 + A43 * v3;
  ws = w + A41 * w1 + A42 * w2 + A43 * w3;
  const v4 = a * (intrinsic.current(vs, neuron) + j4 - ws);
  const w4 = k * (adaptation * vs - ws);
  vs = v + A51 * v1 + A52 * v2 + A53 * v3 + A54 * v4;
  ws = w + A51 * w1 + A52 * w2 + A53 * w3 + A54 * w4;
  const v5 = a * (intrinsic.current(vs, neuron) + j5 - ws);
  const w5 = k * (adaptation * vs - ws);
  vs = v + A61 * v1 + A62 * v2 + A63 * v3 + A64 * v4 + A65 * v5;
  ws = w + A61 * w1 + A62 * w2 + A63 * w3 + A64 * w4 + A65 * w5;
  const v6 = a * (intrinsic.current(vs, neuron) + j6 - ws);
  const w6 = k * (adaptation * vs - ws);
  vs = v + B1 * v1 + B3 * v3 + B4 * v4 + B5 * v5 + B6 * v6;
  ws = w + B1 * w1 + B3 * w3 + B4 * w4 + B5 * w5 + B6 * w6;
  const rate = leakRate * (intrinsic.current(vs, neuron) + j6 - ws);
  const adapting = neuron.adapts ? adaptRate * (adaptation * vs - ws) : 0;
  const ofV = E1 * v1 + E3 * v3 + E4 * v4 + E5 * v5 + E6 * v6 + E7 * h * rate;
  const ofW = E1 * w1 + E3 * w3 + E4 * w4 + E5 * w5 + E6 * w6 + E7 * h * adapting;
  trial[0] = vs;
  trial[1] = ws;
  trial[ERROR] =
    Math.max(Math.abs(ofV) / (1 + Math.max(Math.abs(v), Math.abs(vs))), Math.abs(ofW) / (1 + Math.abs(ws))) /
    tolerance;
  trial[SLOPE_V] = rate;
  trial[SLOPE_W] = adapting;
}

/** 0.9 error^{−3/16}: nearly the fifth root, of roots of roots, which are the same on every engine. */
function stepFactor(error: number): number {
  const eighth = Math.sqrt(Math.sqrt(Math.sqrt(error)));
  return 0.9 / (eighth * Math.sqrt(eighth));
}

/**
 * Moves a state of a free neuron by `s`, or with `stop` to its first crossing in (0, s] when there is one; returns the
 * time of that crossing, else Infinity. A state that is not finite at the end is the caller's to notice.
 */
export function moveNonlinear(
  neuron: AdaptiveNeuron,
  x: Float64Array,
  s: number,
  stop: boolean,
  record: StepRecord | undefined,
): number {
  const { leakRate, excRate, inhRate, adaptRate, threshold, tolerance } = neuron;
  const intrinsic = neuron.intrinsic!;
  const scale = Math.sqrt(Math.sqrt(tolerance));
  const fastest = Math.max(
    leakRate * (1 + Math.abs(intrinsic.slope(x[V]!, neuron))),
    excRate,
    inhRate,
    adaptRate,
  );
  let h = (8 * scale) / fastest;
  let done = 0;
  let rejections = 0;
  slopesAt(neuron, x);
  while (done < s) {
    const left = s - done;
    const last = h >= left;
    const size = last ? left : h;
    tryStep(neuron, x, size);
    const error = trial[ERROR]!;
    if (!(error <= 1)) {
      if (++rejections > MAX_REJECTIONS) {
        x[V] = Number.NaN;
        return Number.POSITIVE_INFINITY;
      }
      h = size * (error < Number.POSITIVE_INFINITY ? Math.max(0.2, stepFactor(error)) : 0.2);
      continue;
    }
    rejections = 0;
    let v = trial[0]!;
    let w = trial[1]!;
    if (stop && x[V]! < threshold) {
      const crossing = crossingIn(neuron, x, size, v);
      if (crossing !== Number.POSITIVE_INFINITY) {
        v = threshold;
        w = trial[1]!;
        record?.step(x, crossing, v, w);
        finish(neuron, x, crossing, v, w);
        return done + crossing;
      }
      // `crossingIn` may have made other trials.
    }
    record?.step(x, size, v, w);
    finish(neuron, x, size, v, w);
    begin[0] = trial[SLOPE_V]!;
    begin[1] = trial[SLOPE_W]!;
    done = last ? s : done + size;
    h = size * Math.min(5, stepFactor(Math.max(error, 1e-9)));
  }
  return Number.POSITIVE_INFINITY;
}

function finish(
  { excRate, inhRate }: AdaptiveNeuron,
  x: Float64Array,
  s: number,
  v: number,
  w: number,
): void {
  x[V] = v;
  x[W] = w;
  x[E] = x[E]! * decay(excRate * s);
  if (x[I] !== 0) x[I] = x[I]! * decay(inhRate * s);
}

/** Length of the step from x at which V reaches ϑ first, Infinity when it does not; `trial` is then that step. */
function crossingIn(neuron: AdaptiveNeuron, x: Float64Array, h: number, v: number): number {
  const { threshold } = neuron;
  let high = h;
  if (v < threshold) {
    // V may have turned above the threshold inside the step.
    const before = begin[0]!;
    if (!(before > 0) || trial[SLOPE_V]! >= 0 || x[V]! + before * h < threshold)
      return Number.POSITIVE_INFINITY;
    high = turnIn(neuron, x, h);
    tryStep(neuron, x, high);
    if (trial[0]! <= threshold) {
      tryStep(neuron, x, h);
      return Number.POSITIVE_INFINITY;
    }
  }
  return locate(neuron, x, high, (reached) => reached - threshold, 1);
}

/** Length of the step from x at which V has its maximum; V̇ changes sign within h. */
function turnIn(neuron: AdaptiveNeuron, x: Float64Array, h: number): number {
  return locate(neuron, x, h, (_v, slope) => -slope, 0);
}

/**
 * The length in (0, high] of a step at which `distance` is 0; it is negative at 0 and not negative at `high`. `order`
 * 1: its derivative is V̇; 0: unknown, and regula falsi serves.
 */
function locate(
  neuron: AdaptiveNeuron,
  x: Float64Array,
  high: number,
  distance: (v: number, slope: number) => number,
  order: 0 | 1,
): number {
  let left = 0;
  let right = high;
  let atLeft = distance(x[V]!, begin[0]!);
  let s = high;
  let atRight = Number.NaN;
  for (let iteration = 0; iteration < MAX_LOCATING; iteration++) {
    tryStep(neuron, x, s);
    const slope = trial[SLOPE_V]!;
    const value = distance(trial[0]!, slope);
    if (value < 0) {
      left = s;
      atLeft = value;
    } else {
      right = s;
      atRight = value;
    }
    if (value === 0) return s;
    let following = order === 1 ? s - value / slope : left - (atLeft * (right - left)) / (atRight - atLeft);
    if (!(following > left && following < right)) following = 0.5 * (left + right);
    const change = Math.abs(following - s);
    s = following;
    if (change <= 4e-16 * high || right - left <= 4e-16 * high) {
      tryStep(neuron, x, s);
      return s;
    }
  }
  return s;
}

/** Nodes of the method, counted from the end of a step. */
const NODES = [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1] as const;

/** Places of p and of the state at a node of a backward step. */
const node = new Float64Array(5);
const stageV = new Float64Array(6);
const stageW = new Float64Array(6);
const stageE = new Float64Array(6);
const stageI = new Float64Array(6);
const first = new Float64Array(5);
const last = new Float64Array(5);
const WEIGHTS = [B1, 0, B3, B4, B5, B6] as const;

/** Receives p and x at points of a step with weights that sum to its length: Σ weight · f(p, x) is the integral of f. */
export type Quadrature = (weight: number, p: Float64Array, x: Float64Array) => void;

/** Moves p back over a recorded step of length `s` from `from` to (v, w). */
export function moveNonlinearBack(
  neuron: AdaptiveNeuron,
  p: Float64Array,
  from: Float64Array,
  s: number,
  v: number,
  w: number,
  integrate: Quadrature | undefined,
): void {
  const { leakRate, adaptRate, adaptation, excRate, inhRate, adapts } = neuron;
  const intrinsic = neuron.intrinsic!;
  interpolate(neuron, from, s, v, w);
  const a = leakRate * s;
  const k = adapts ? adaptRate * s : 0;
  const coupling = k * adaptation;
  const b = excRate * s;
  const c = inhRate * s;
  const v0 = p[V]!;
  const w0 = p[W]!;
  const e0 = p[E]!;
  const i0 = p[I]!;
  // Backwards in time: p_V′ = α F′ p_V + aκ p_w, p_w′ = −α p_V − κ p_w, p_E′ = α p_V − β p_E.
  let s0 = a * intrinsic.slope(stageV[0]!, neuron);
  const v1 = s0 * v0 + coupling * w0;
  const w1 = -a * v0 - k * w0;
  const e1 = a * v0 - b * e0;
  const i1 = a * v0 - c * i0;
  if (integrate !== undefined) visit(integrate, 0, s, v0, w0, e0, i0);
  let vs = v0 + A21 * v1;
  let ws = w0 + A21 * w1;
  let es = e0 + A21 * e1;
  let is = i0 + A21 * i1;
  s0 = a * intrinsic.slope(stageV[1]!, neuron);
  const v2 = s0 * vs + coupling * ws;
  const w2 = -a * vs - k * ws;
  const e2 = a * vs - b * es;
  const i2 = a * vs - c * is;
  vs = v0 + A31 * v1 + A32 * v2;
  ws = w0 + A31 * w1 + A32 * w2;
  es = e0 + A31 * e1 + A32 * e2;
  is = i0 + A31 * i1 + A32 * i2;
  if (integrate !== undefined) visit(integrate, 2, s, vs, ws, es, is);
  s0 = a * intrinsic.slope(stageV[2]!, neuron);
  const v3 = s0 * vs + coupling * ws;
  const w3 = -a * vs - k * ws;
  const e3 = a * vs - b * es;
  const i3 = a * vs - c * is;
  vs = v0 + A41 * v1 + A42 * v2 + A43 * v3;
  ws = w0 + A41 * w1 + A42 * w2 + A43 * w3;
  es = e0 + A41 * e1 + A42 * e2 + A43 * e3;
  is = i0 + A41 * i1 + A42 * i2 + A43 * i3;
  if (integrate !== undefined) visit(integrate, 3, s, vs, ws, es, is);
  s0 = a * intrinsic.slope(stageV[3]!, neuron);
  const v4 = s0 * vs + coupling * ws;
  const w4 = -a * vs - k * ws;
  const e4 = a * vs - b * es;
  const i4 = a * vs - c * is;
  vs = v0 + A51 * v1 + A52 * v2 + A53 * v3 + A54 * v4;
  ws = w0 + A51 * w1 + A52 * w2 + A53 * w3 + A54 * w4;
  es = e0 + A51 * e1 + A52 * e2 + A53 * e3 + A54 * e4;
  is = i0 + A51 * i1 + A52 * i2 + A53 * i3 + A54 * i4;
  if (integrate !== undefined) visit(integrate, 4, s, vs, ws, es, is);
  s0 = a * intrinsic.slope(stageV[4]!, neuron);
  const v5 = s0 * vs + coupling * ws;
  const w5 = -a * vs - k * ws;
  const e5 = a * vs - b * es;
  const i5 = a * vs - c * is;
  vs = v0 + A61 * v1 + A62 * v2 + A63 * v3 + A64 * v4 + A65 * v5;
  ws = w0 + A61 * w1 + A62 * w2 + A63 * w3 + A64 * w4 + A65 * w5;
  es = e0 + A61 * e1 + A62 * e2 + A63 * e3 + A64 * e4 + A65 * e5;
  is = i0 + A61 * i1 + A62 * i2 + A63 * i3 + A64 * i4 + A65 * i5;
  if (integrate !== undefined) visit(integrate, 5, s, vs, ws, es, is);
  s0 = a * intrinsic.slope(stageV[5]!, neuron);
  const v6 = s0 * vs + coupling * ws;
  const w6 = -a * vs - k * ws;
  const e6 = a * vs - b * es;
  const i6 = a * vs - c * is;
  p[V] = v0 + B1 * v1 + B3 * v3 + B4 * v4 + B5 * v5 + B6 * v6;
  p[W] = w0 + B1 * w1 + B3 * w3 + B4 * w4 + B5 * w5 + B6 * w6;
  p[E] = e0 + B1 * e1 + B3 * e3 + B4 * e4 + B5 * e5 + B6 * e6;
  p[I] = i0 + B1 * i1 + B3 * i3 + B4 * i4 + B5 * i5 + B6 * i6;
}

function visit(
  integrate: Quadrature,
  stage: number,
  s: number,
  v: number,
  w: number,
  e: number,
  i: number,
): void {
  adjoint[V] = v;
  adjoint[W] = w;
  adjoint[E] = e;
  adjoint[I] = i;
  node[V] = stageV[stage]!;
  node[W] = stageW[stage]!;
  node[E] = stageE[stage]!;
  node[I] = stageI[stage]!;
  integrate(s * WEIGHTS[stage]!, adjoint, node);
}

const adjoint = new Float64Array(5);

/** Writes the state at the nodes of a backward step: V, w by their polynomials, E and I as they decay. */
function interpolate(neuron: AdaptiveNeuron, from: Float64Array, s: number, v: number, w: number): void {
  const { adaptRate, adaptation, excRate, inhRate, adapts } = neuron;
  first.set(from);
  last.set(from);
  finish(neuron, last, s, v, w);
  const slope0 = s * membraneSlope(neuron, first);
  const slope1 = s * membraneSlope(neuron, last);
  const adapt0 = adapts ? s * adaptRate * (adaptation * first[V]! - first[W]!) : 0;
  const adapt1 = adapts ? s * adaptRate * (adaptation * last[V]! - last[W]!) : 0;
  const bend0 = curvature(neuron, first, slope0, adapt0, s);
  const bend1 = curvature(neuron, last, slope1, adapt1, s);
  const adaptBend0 = adapts ? s * adaptRate * (adaptation * slope0 - adapt0) : 0;
  const adaptBend1 = adapts ? s * adaptRate * (adaptation * slope1 - adapt1) : 0;
  for (let stage = 0; stage < 6; stage++) {
    const u = 1 - NODES[stage]!;
    stageV[stage] = quintic(u, first[V]!, slope0, bend0, last[V]!, slope1, bend1);
    stageW[stage] = adapts ? quintic(u, first[W]!, adapt0, adaptBend0, last[W]!, adapt1, adaptBend1) : 0;
    stageE[stage] = first[E]! * decay(excRate * s * u);
    stageI[stage] = first[I] === 0 ? 0 : first[I]! * decay(inhRate * s * u);
  }
}

/** s² V̈ from s V̇ and s ẇ. */
function curvature(neuron: AdaptiveNeuron, x: Float64Array, slope: number, adapt: number, s: number): number {
  const { leakRate, excRate, inhRate } = neuron;
  const bend = neuron.intrinsic!.slope(x[V]!, neuron);
  return leakRate * s * (bend * slope - excRate * s * x[E]! - inhRate * s * x[I]! - adapt);
}

/** The polynomial in u of degree 5 with values y, slopes d and curvatures c at 0 and 1. */
function quintic(u: number, y0: number, d0: number, c0: number, y1: number, d1: number, c1: number): number {
  const rise = y1 - y0 - d0 - 0.5 * c0;
  const turn = d1 - d0 - c0;
  const bend = c1 - c0;
  const k3 = 10 * rise - 4 * turn + 0.5 * bend;
  const k4 = -15 * rise + 7 * turn - bend;
  const k5 = 6 * rise - 3 * turn + 0.5 * bend;
  return y0 + u * (d0 + u * (0.5 * c0 + u * (k3 + u * (k4 + u * k5))));
}

/** The maximum of V inside a step, if it has one: V̇ falls through 0 within. */
export function highestInStep(
  neuron: AdaptiveNeuron,
  from: Float64Array,
  s: number,
  v: number,
  w: number,
): { readonly time: number; readonly value: number } | undefined {
  first.set(from);
  last.set(from);
  finish(neuron, last, s, v, w);
  const slope0 = s * membraneSlope(neuron, first);
  const slope1 = s * membraneSlope(neuron, last);
  if (!(slope0 > 0 && slope1 < 0)) return undefined;
  const { adaptRate, adaptation, adapts } = neuron;
  const adapt0 = adapts ? s * adaptRate * (adaptation * first[V]! - first[W]!) : 0;
  const adapt1 = adapts ? s * adaptRate * (adaptation * last[V]! - last[W]!) : 0;
  const bend0 = curvature(neuron, first, slope0, adapt0, s);
  const bend1 = curvature(neuron, last, slope1, adapt1, s);
  const value = (u: number): number => quintic(u, first[V]!, slope0, bend0, v, slope1, bend1);
  // Golden section: at a maximum V changes by the square of the error of its time.
  let left = 0;
  let right = 1;
  const ratio = (Math.sqrt(5) - 1) / 2;
  for (let iteration = 0; iteration < 60; iteration++) {
    const a = right - ratio * (right - left);
    const b = left + ratio * (right - left);
    if (value(a) < value(b)) left = a;
    else right = b;
  }
  const u = 0.5 * (left + right);
  return { time: u * s, value: value(u) };
}
