/**
 * Arithmetic in f32, each operation rounded: `f` around every product, sum, quotient and root, and exp and ln made
 * of such operations, so that every machine agrees. Twin of assembly/single.ts.
 */

/** Rounds to f32. A double rounded after one operation on f32 numbers is that operation in f32. */
export const f = Math.fround;

const LOG2E = f(Math.LOG2E);
/** ln 2 in two parts; products of the first with small integers are exact. */
const LN2_HIGH = f(0.693359375);
const LN2_LOW = f(-0.00021219444005469057);
const EXP_SERIES = [1 / 5040, 1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2, 1, 1].map(f);
const ARTANH_SERIES = [1 / 9, 1 / 7, 1 / 5, 1 / 3, 1].map(f);
const SQRT2 = f(Math.SQRT2);

const real = new Float32Array(1);
const bits = new Uint32Array(real.buffer);

function horner(series: readonly number[], x: number): number {
  let sum = series[0]!;
  for (let k = 1; k < series.length; k++) sum = f(f(sum * x) + series[k]!);
  return sum;
}

/** e^x for −80 ≤ x ≤ 80, clamped beyond; relative error below 2⁻²². Taylor series on |r| ≤ ½ ln 2. */
export function exp32(x: number): number {
  const y = Math.min(Math.max(x, -80), 80);
  const n = Math.floor(f(f(y * LOG2E) + 0.5));
  const r = f(f(y - f(n * LN2_HIGH)) - f(n * LN2_LOW));
  bits[0] = (n + 127) << 23;
  return f(horner(EXP_SERIES, r) * real[0]!);
}

/** ln x for normal x > 0; absolute error below 2⁻²². ln m = 2 artanh((m − 1)/(m + 1)), √½ < m ≤ √2. */
export function log32(x: number): number {
  real[0] = x;
  let exponent = (bits[0]! >>> 23) - 127;
  bits[0] = (bits[0]! & 0x7fffff) | 0x3f800000;
  let m = real[0]!;
  if (m > SQRT2) {
    m = f(m * 0.5);
    exponent++;
  }
  const q = f(f(m - 1) / f(m + 1));
  const series = horner(ARTANH_SERIES, f(q * q));
  return f(f(exponent * LN2_HIGH) + f(f(exponent * LN2_LOW) + f(f(2 * q) * series)));
}
