/**
 * Motion of a neuron with adaptation between events when F(V) = −V: closed form, exact for all constants.
 *
 * (V, w) alone move by e^{Ms} with M = [[−α, −α], [aκ, −κ]], α = 1/τ_m, κ = 1/τ_w. Its eigenvalues μ ± δ may be equal, or
 * complex (the membrane oscillates, δ² < 0). With a current of rate β, ρ = −β, and divided differences of e^{λs},
 *
 *     e^{Ms} = P + Q (M − μ)                       P = e^{μs} cosh δs      Q = e^{μs} sinh(δs)/δ
 *     response of (V, w) to E = 1                  α [ (Q + d R) + R (M − μ) ] (1, 0)ᵀ,      d = ρ − μ
 *     R = e^{λs}[μ+δ, μ−δ, ρ] = (e^{ρs} − P − d Q)/(d² − δ²)
 *
 * R is computed so that nothing cancels when some or all of the three points are close to each other. Where they lie well
 * apart, as a rule, the plain sum of exponentials is as exact and quick (spectrum.ts).
 */

import { type AdaptiveNeuron, E, H, I, V, W } from "./adaptive.ts";
import { FLOW_SIZE, writeFlow as writeMembraneFlow } from "./closed-form.ts";
import { decay } from "./decay.ts";
import type { Spectrum } from "./spectrum.ts";

/** Numbers of one flow: d(later)/d(earlier) of the pairs named; the others are 0. */
const VV = 0;
const VW = 1;
const VE = 2;
const VI = 3;
const WV = 4;
const WW = 5;
const WE = 6;
const WI = 7;
const EE = 8;
const II = 9;
const HH = 10;
const SIZE = 11;

const flow = new Float64Array(SIZE);
const membraneFlow = new Float64Array(FLOW_SIZE);

/** Up to this |λ − λ′|·s differences of exponentials come from their series. */
const SERIES = 1;
/** Terms of the series of R; the first one left out is below 3²⁰/22! < 10⁻¹¹ times double precision's share of s². */
const TERMS = 24;

/** Moves a state of a free neuron by `s` ≥ 0. */
export function moveLinear(neuron: AdaptiveNeuron, x: Float64Array, s: number): void {
  writeFlow(neuron, s);
  const v = x[V]!;
  const w = x[W]!;
  const e = x[E]!;
  const i = x[I]!;
  x[V] = flow[VV]! * v + flow[VW]! * w + flow[VE]! * e + flow[VI]! * i;
  x[W] = flow[WV]! * v + flow[WW]! * w + flow[WE]! * e + flow[WI]! * i;
  x[E] = flow[EE]! * e;
  x[I] = flow[II]! * i;
  x[H] = flow[HH]! * x[H]!;
}

/** The transpose of `moveLinear`, on p = ∂L/∂x: backwards in time by `s`. */
export function moveLinearBack(neuron: AdaptiveNeuron, p: Float64Array, s: number): void {
  writeFlow(neuron, s);
  const v = p[V]!;
  const w = p[W]!;
  p[V] = flow[VV]! * v + flow[WV]! * w;
  p[W] = flow[VW]! * v + flow[WW]! * w;
  p[E] = flow[EE]! * p[E]! + flow[VE]! * v + flow[WE]! * w;
  p[I] = flow[II]! * p[I]! + flow[VI]! * v + flow[WI]! * w;
  p[H] = flow[HH]! * p[H]!;
}

function writeFlow(neuron: AdaptiveNeuron, s: number): void {
  flow[HH] = neuron.movesThreshold ? decay(neuron.thresholdRate * s) : 1;
  if (!neuron.adapts) {
    writeMembraneFlow(neuron.membrane, s, membraneFlow, 0);
    flow[VV] = membraneFlow[0]!;
    flow[EE] = membraneFlow[1]!;
    flow[VE] = membraneFlow[2]!;
    flow[II] = membraneFlow[3]!;
    flow[VI] = membraneFlow[4]!;
    flow[VW] = 0;
    flow[WV] = 0;
    flow[WW] = 1;
    flow[WE] = 0;
    flow[WI] = 0;
    return;
  }
  if (neuron.spectrum !== undefined) {
    writeSum(neuron, neuron.spectrum, s);
    return;
  }
  const { leakRate, adaptRate, adaptation, excRate, inhRate, mean, discriminant } = neuron;
  const coupling = adaptation * adaptRate;
  writePair(mean, discriminant, s);
  const p = pair[0]!;
  const q = pair[1]!;
  flow[VV] = p - q * (leakRate + mean);
  flow[VW] = -q * leakRate;
  flow[WV] = q * coupling;
  flow[WW] = p - q * (adaptRate + mean);
  flow[EE] = decay(excRate * s);
  writeResponse(neuron, excRate, flow[EE]!, s, VE, WE);
  if (inhRate === excRate) {
    flow[II] = flow[EE]!;
    flow[VI] = flow[VE]!;
    flow[WI] = flow[WE]!;
  } else {
    flow[II] = decay(inhRate * s);
    writeResponse(neuron, inhRate, flow[II]!, s, VI, WI);
  }
}

/** The same as a sum of exponentials (spectrum.ts). */
function writeSum({ excRate, inhRate }: AdaptiveNeuron, sum: Spectrum, s: number): void {
  const slow = decay(sum.slow * s);
  const fast = decay(sum.fast * s);
  const exc = decay(excRate * s);
  const both = slow - fast;
  flow[VV] = fast + sum.vv * both;
  flow[VW] = sum.vw * both;
  flow[WV] = sum.wv * both;
  flow[WW] = fast + sum.ww * both;
  flow[EE] = exc;
  flow[VE] = sum.excSlowV * (slow - exc) + sum.excFastV * (fast - exc);
  flow[WE] = sum.excSlowW * (slow - exc) + sum.excFastW * (fast - exc);
  const inh = inhRate === excRate ? exc : decay(inhRate * s);
  flow[II] = inh;
  flow[VI] = sum.inhSlowV * (slow - inh) + sum.inhFastV * (fast - inh);
  flow[WI] = sum.inhSlowW * (slow - inh) + sum.inhFastW * (fast - inh);
}

/** P, Q, e^{(μ+δ)s} and e^{(μ−δ)s} where these are real. */
const pair = new Float64Array(4);

function writePair(mean: number, discriminant: number, s: number): void {
  if (discriminant < 0) {
    const omega = Math.sqrt(-discriminant);
    const size = Math.exp(mean * s);
    const phase = omega * s;
    pair[0] = size * Math.cos(phase);
    pair[1] = phase < 1e-4 ? size * s * (1 - (phase * phase) / 6) : (size * Math.sin(phase)) / omega;
    return;
  }
  const delta = Math.sqrt(discriminant);
  const slow = Math.exp((mean + delta) * s);
  const fast = Math.exp((mean - delta) * s);
  pair[2] = slow;
  pair[3] = fast;
  pair[0] = 0.5 * (slow + fast);
  pair[1] = slow * s * meanExponential(2 * delta * s);
}

/** (1 − e^{−x})/x for x of either sign. */
function meanExponential(x: number): number {
  return Math.abs(x) < 1e-5 ? 1 - x * (0.5 - x / 6) : -Math.expm1(-x) / x;
}

/** Writes the response of V and w to a current of the given rate; `own` is its decay. */
function writeResponse(
  { leakRate, adaptRate, adaptation, mean, discriminant }: AdaptiveNeuron,
  rate: number,
  own: number,
  s: number,
  ofV: number,
  ofW: number,
): void {
  const d = -rate - mean;
  const r = secondDifference(mean, discriminant, rate, d, own, s);
  flow[ofV] = leakRate * (pair[1]! + d * r - r * (leakRate + mean));
  flow[ofW] = leakRate * r * adaptation * adaptRate;
}

/** R, see above. */
function secondDifference(
  mean: number,
  discriminant: number,
  rate: number,
  d: number,
  own: number,
  s: number,
): number {
  const size = Math.sqrt(Math.abs(discriminant));
  if (Math.max(Math.abs(d), size) * s <= SERIES) {
    // Complete homogeneous polynomials of d, δ, −δ: h_k = d h_{k−1} + δᵏ for even k.
    const z = d * s;
    const square = discriminant * s * s;
    let polynomial = 1;
    let even = 1;
    let factorial = 2;
    let sum = 0.5;
    for (let k = 1; k < TERMS; k++) {
      factorial *= k + 2;
      polynomial *= z;
      if (k % 2 === 0) {
        even *= square;
        polynomial += even;
      }
      const term = polynomial / factorial;
      sum += term;
      if (Math.abs(term) < 1e-18 && k % 2 === 0) break;
    }
    return Math.exp(mean * s) * s * s * sum;
  }
  if (discriminant > 0 && size * s > 0.5) {
    // The difference of the two first differences between the current and each eigenvalue.
    const slow = firstDifference(own, -rate, pair[2]!, mean + size, s);
    const fast = firstDifference(own, -rate, pair[3]!, mean - size, s);
    return (slow - fast) / (2 * size);
  }
  return (own - pair[0]! - d * pair[1]!) / (d * d - discriminant);
}

/** (e^{ρs} − e^{λs})/(ρ − λ) from both exponentials. */
function firstDifference(ofRho: number, rho: number, ofLambda: number, lambda: number, s: number): number {
  const x = (rho - lambda) * s;
  if (x > 0.1 || x < -0.1) return (ofRho - ofLambda) / (rho - lambda);
  return ofRho * s * meanExponential(x);
}
