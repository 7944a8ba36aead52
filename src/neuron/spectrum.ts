/**
 * The motion of a linear neuron as a sum of exponentials, where its rates lie well apart. With λ the eigenvalues of
 * (V, w), M = [[−α, −α], [aκ, −κ]], and a current of rate β,
 *
 *     e^{Ms} = Σ e^{λs} P_λ            P_λ = (M − λ′)/(λ − λ′), λ′ the other one
 *     response of (V, w) to a current  Σ α (e^{λs} − e^{−βs})/(λ + β) P_λ (1, 0)ᵀ
 *
 * Everything but the exponentials is known beforehand. Where two rates are close the differences cancel, and
 * linear-flow.ts takes series instead.
 */

export interface Spectrum {
  /** −λ of both eigenvalues, 1/µs. */
  readonly slow: number;
  readonly fast: number;
  /** Entries of P_λ of the slow eigenvalue; those of the fast one are 1 − vv, −vw, −wv, 1 − ww. */
  readonly vv: number;
  readonly vw: number;
  readonly wv: number;
  readonly ww: number;
  /** α P_λ (1, 0)ᵀ/(λ + β): of V and w, by the slow and the fast eigenvalue, for both currents. */
  readonly excSlowV: number;
  readonly excFastV: number;
  readonly excSlowW: number;
  readonly excFastW: number;
  readonly inhSlowV: number;
  readonly inhFastV: number;
  readonly inhSlowW: number;
  readonly inhFastW: number;
}

/** Smallest distance of two rates, as a share of the largest rate: differences lose six bits at most. */
const APART = 1 / 32;

/**
 * The spectrum of (V, w) with the given mean of the eigenvalues and square of half their difference; undefined where
 * rates are close to each other or the eigenvalues are complex.
 */
export function spectrum(
  mean: number,
  discriminant: number,
  leakRate: number,
  adaptRate: number,
  adaptation: number,
  excRate: number,
  inhRate: number,
): Spectrum | undefined {
  if (!(discriminant > 0)) return undefined;
  const half = Math.sqrt(discriminant);
  const slow = -mean - half;
  const fast = -mean + half;
  const least = APART * Math.max(fast, excRate, inhRate);
  const distances = [fast - slow, excRate - slow, excRate - fast, inhRate - slow, inhRate - fast];
  if (!(slow > 0) || distances.some((distance) => Math.abs(distance) < least)) return undefined;
  const vv = (fast - leakRate) / (2 * half);
  const wv = (adaptation * adaptRate) / (2 * half);
  const gain = (entry: number, eigenRate: number, rate: number): number =>
    (leakRate * entry) / (rate - eigenRate);
  return {
    slow,
    fast,
    vv,
    vw: -leakRate / (2 * half),
    wv,
    ww: (fast - adaptRate) / (2 * half),
    excSlowV: gain(vv, slow, excRate),
    excFastV: gain(1 - vv, fast, excRate),
    excSlowW: gain(wv, slow, excRate),
    excFastW: gain(-wv, fast, excRate),
    inhSlowV: gain(vv, slow, inhRate),
    inhFastV: gain(1 - vv, fast, inhRate),
    inhSlowW: gain(wv, slow, inhRate),
    inhFastW: gain(-wv, fast, inhRate),
  };
}
