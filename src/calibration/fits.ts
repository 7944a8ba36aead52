/**
 * Exponential fits of sampled traces: y_k ≈ level + amplitude · r^k, r = exp(−period / τ).
 *
 * Made for averages over batch entries whose sampling phase is unknown: shifting an exponential in time only
 * changes its amplitude, so the mean over any distribution of phases decays with the same τ. For given τ the
 * problem is linear (variable projection); τ is searched on a logarithmic grid, then by golden section. Samples far
 * off the first fit are left out of a second one.
 */

export interface DecayOptions {
  /** Time between samples, µs. */
  readonly period: number;
  /** Range of τ that is searched, µs. */
  readonly shortest: number;
  readonly longest: number;
  /** Reads of the level from elsewhere, e.g. from before the stimulus, and how many there were. */
  readonly rest?: { readonly value: number; readonly weight: number };
}

export interface Decay {
  /** µs. NaN: no decay to be seen; Infinity: slower than `longest`; 0: faster than `shortest`. */
  readonly tau: number;
  /** Value long after. */
  readonly level: number;
  /** Value at the first sample minus level. */
  readonly amplitude: number;
  /** Root mean square residual. */
  readonly residual: number;
}

const GRID = 32;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** Relative width of the bracket at which the golden section stops. */
const PRECISION = 1e-5;
/** Samples further off than this many median absolute residuals are outliers (3 standard deviations). */
const OUTLIER = 4.5;
const NO_REST = { value: 0, weight: 0 };
/** An amplitude below this many standard errors is no decay. */
const VISIBLE = 4;

/** Fits samples `from … to−1` of `trace`, each weighted by `weight` (number of reads behind it; 0: absent). */
export function fitDecay(
  trace: Float64Array,
  weight: Float64Array,
  from: number,
  to: number,
  options: DecayOptions,
): Decay {
  const first = fitWeighted(trace, weight, from, to, options);
  const trusted = withoutOutliers(trace, weight, from, to, first, options.period);
  const { visible, ...decay } =
    trusted === undefined ? first : fitWeighted(trace, trusted, from, to, options);
  return visible ? decay : { ...decay, tau: Number.NaN };
}

function fitWeighted(
  trace: Float64Array,
  weight: Float64Array,
  from: number,
  to: number,
  options: DecayOptions,
): Decay & { readonly visible: boolean } {
  const { period, shortest, longest } = options;
  // Sums of squares of values around 100 would lose the digits of small amplitudes.
  const origin = trace[from + weight.subarray(from, to).findIndex((here) => here > 0)] ?? 0;
  const line = createLinearPart(origin, options.rest ?? NO_REST);
  const misfit = (logTau: number): number => line.solve(trace, weight, from, to, period / Math.exp(logTau));
  const low = Math.log(shortest);
  const step = (Math.log(longest) - low) / GRID;
  let best = 0;
  let bestMisfit = Number.POSITIVE_INFINITY;
  for (let k = 0; k <= GRID; k++) {
    const here = misfit(low + k * step);
    if (here < bestMisfit) {
      best = k;
      bestMisfit = here;
    }
  }
  const logTau = goldenSection(
    misfit,
    low + Math.max(0, best - 1) * step,
    low + Math.min(GRID, best + 1) * step,
  );
  const squares = misfit(logTau);
  const { level, amplitude, amplitudeError } = line;
  return {
    tau: withinRange(logTau, low, low + GRID * step, 0.01 * step),
    level,
    amplitude,
    residual: Math.sqrt(squares / line.weight),
    visible: Number.isFinite(squares) && line.samples >= 4 && Math.abs(amplitude) > VISIBLE * amplitudeError,
  };
}

/** τ, or 0 and Infinity where the best one lies at an end of the range. */
function withinRange(logTau: number, low: number, high: number, margin: number): number {
  if (logTau < low + margin) return 0;
  return logTau > high - margin ? Number.POSITIVE_INFINITY : Math.exp(logTau);
}

/** Weighted linear least squares of level and amplitude for one decay rate; results are left in its fields. */
function createLinearPart(origin: number, rest: { readonly value: number; readonly weight: number }) {
  const restValue = rest.value - origin;
  const part = {
    level: Number.NaN,
    amplitude: Number.NaN,
    amplitudeError: 0,
    weight: 0,
    samples: 0,
    solve(trace: Float64Array, weight: Float64Array, from: number, to: number, rate: number): number {
      const ratio = Math.exp(-rate);
      let basis = 1;
      // Reads of the level are samples at infinite time.
      let w = rest.weight;
      let b = 0;
      let bb = 0;
      let y = rest.weight * restValue;
      let by = 0;
      let yy = rest.weight * restValue ** 2;
      let samples = 0;
      for (let k = from; k < to; k++) {
        const here = weight[k]!;
        if (here > 0) {
          const value = trace[k]! - origin;
          w += here;
          b += here * basis;
          bb += here * basis * basis;
          y += here * value;
          by += here * basis * value;
          yy += here * value * value;
          samples++;
        }
        basis *= ratio;
      }
      const determinant = w * bb - b * b;
      part.weight = w;
      part.samples = samples;
      if (!(determinant > 1e-12 * w * bb)) return Number.POSITIVE_INFINITY;
      part.amplitude = (w * by - b * y) / determinant;
      const level = (bb * y - b * by) / determinant;
      part.level = origin + level;
      const squares = Math.max(0, yy - level * y - part.amplitude * by);
      // Per read; as many degrees of freedom as samples, for reads of one sample are averaged already.
      const variance = squares / Math.max(1, samples - 3);
      part.amplitudeError = Math.sqrt((variance * w) / determinant);
      return squares;
    },
  };
  return part;
}

function goldenSection(f: (x: number) => number, from: number, to: number): number {
  let low = from;
  let high = to;
  let left = high - GOLDEN * (high - low);
  let right = low + GOLDEN * (high - low);
  let atLeft = f(left);
  let atRight = f(right);
  while (high - low > PRECISION) {
    if (atLeft <= atRight) {
      high = right;
      right = left;
      atRight = atLeft;
      left = high - GOLDEN * (high - low);
      atLeft = f(left);
    } else {
      low = left;
      left = right;
      atLeft = atRight;
      right = low + GOLDEN * (high - low);
      atRight = f(right);
    }
  }
  return (low + high) / 2;
}

/** Weights with outliers set to 0, or undefined when there is none. */
function withoutOutliers(
  trace: Float64Array,
  weight: Float64Array,
  from: number,
  to: number,
  fit: Decay,
  period: number,
): Float64Array | undefined {
  if (!(fit.tau > 0) || !Number.isFinite(fit.tau)) return undefined;
  const residuals: number[] = [];
  const residualAt = (k: number): number => {
    const model = fit.level + fit.amplitude * Math.exp((-(k - from) * period) / fit.tau);
    return Math.abs(trace[k]! - model) * Math.sqrt(weight[k]!);
  };
  for (let k = from; k < to; k++) if (weight[k]! > 0) residuals.push(residualAt(k));
  residuals.sort((a, b) => a - b);
  const limit = OUTLIER * residuals[residuals.length >> 1]!;
  if (!(limit > 0) || residuals[residuals.length - 1]! <= limit) return undefined;
  return weight.map((here, k) => (k >= from && k < to && here > 0 && residualAt(k) > limit ? 0 : here));
}
