/**
 * One LIF neuron at rest, one input spike of weight w at t = 0: the time T of its first spike and dT/dw in closed
 * form. Derived in paper.md 4.1 of the guide and in docs/method.md; 1/w times the first crossing of
 *
 *     V(t) = w τ_s/(τ_m − τ_s) (e^{−t/τ_m} − e^{−t/τ_s})        equal constants: w (t/τ) e^{−t/τ}
 *
 *     equal, τ:       T = −τ W₀(−ϑ/w)                   dT/dw = −τ x / (w (1 − x)),  x = T/τ
 *     τ_m = 2 τ_s:    T = τ_m ln(2/(1 + s))             dT/dw = −2 τ_m ϑ / (w² s (1 + s)),  s = √(1 − 4ϑ/w)
 *     any ratio:      T by Newton's method              dT/dw = −τ_m ϑ / (w (w e^{−T/τ_s} − ϑ))
 *     spikes only if  w > w_c = ϑ (τ_m/τ_s)^{τ_m/(τ_m − τ_s)}, which is e ϑ for equal constants and 4 ϑ for 2
 *
 * It shares nothing with the simulator (src/neuron) or with an estimator, so it can judge both.
 */

export interface NeuronShape {
  /** µs */
  readonly tauMem: number;
  readonly tauSyn: number;
  readonly threshold: number;
}

export interface AnalyticSpike {
  /** µs after the input. */
  readonly time: number;
  /** dT/dw, µs per model unit. */
  readonly slope: number;
}

/** The weight at which the membrane just touches the threshold. */
export function criticalWeight({ tauMem, tauSyn, threshold }: NeuronShape): number {
  if (tauMem === tauSyn) return Math.E * threshold;
  const ratio = Math.log1p((tauMem - tauSyn) / tauSyn);
  return threshold * Math.exp((ratio * tauMem) / (tauMem - tauSyn));
}

/** Undefined when the neuron does not spike. */
export function analyticSpike(neuron: NeuronShape, weight: number): AnalyticSpike | undefined {
  if (!(weight > criticalWeight(neuron))) return undefined;
  const { tauMem, tauSyn } = neuron;
  if (tauMem === tauSyn) return equalConstants(neuron, weight);
  if (tauMem === 2 * tauSyn) return doubleConstants(neuron, weight);
  return anyConstants(neuron, weight);
}

function equalConstants({ tauMem: tau, threshold }: NeuronShape, weight: number): AnalyticSpike {
  const x = -lambertW(-threshold / weight);
  return { time: tau * x, slope: (-tau * x) / (weight * (1 - x)) };
}

function doubleConstants({ tauMem, threshold }: NeuronShape, weight: number): AnalyticSpike {
  const root = Math.sqrt(1 - (4 * threshold) / weight);
  return {
    time: tauMem * Math.log(2 / (1 + root)),
    slope: (-2 * tauMem * threshold) / (weight * weight * root * (1 + root)),
  };
}

function anyConstants({ tauMem, tauSyn, threshold }: NeuronShape, weight: number): AnalyticSpike {
  // The difference first: it is exact where the constants nearly agree, that of the inverses may round to 0.
  const decay = (tauMem - tauSyn) / (tauMem * tauSyn);
  // V = w e^{−t/τ_m} (1 − e^{−t·decay}) / (τ_m·decay), accurate for nearly equal constants too.
  const potential = (t: number): number =>
    (weight * Math.exp(-t / tauMem) * -Math.expm1(-t * decay)) / (tauMem * decay);
  const rise = (t: number): number => (weight * Math.exp(-t / tauSyn) - potential(t)) / tauMem;
  // V rises and is concave up to its peak: Newton's method from 0 stays left of the crossing and cannot leave.
  let time = 0;
  for (let round = 0; round < 200; round++) {
    const step = (threshold - potential(time)) / rise(time);
    time += step;
    if (!(Math.abs(step) > 1e-15 * time)) break;
  }
  return {
    time,
    slope: (-tauMem * threshold) / (weight * (weight * Math.exp(-time / tauSyn) - threshold)),
  };
}

/**
 * Principal branch of Lambert's W for −1/e < z < 0: the solution of W e^W = z with W > −1. Halley's method from the
 * series at the branch point (Corless et al., "On the Lambert W function", 1996, eqs. 4.22 and 5.9).
 */
export function lambertW(z: number): number {
  const p = Math.sqrt(2 * (Math.E * z + 1));
  let w = z > -0.1 ? z * (1 - z) : -1 + p - (p * p) / 3;
  for (let round = 0; round < 50; round++) {
    const e = Math.exp(w);
    const f = w * e - z;
    const step = f / (e * (w + 1) - ((w + 2) * f) / (2 * w + 2));
    w -= step;
    if (!(Math.abs(step) > 1e-16 * Math.abs(w))) break;
  }
  return w;
}
