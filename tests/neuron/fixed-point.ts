/**
 * Exponentials to 200 bits in integer arithmetic, to judge double precision by. A fixed-point number x stands
 * for x·2^−200; doubles convert exactly as long as they are multiples of 2^−200.
 */

const BITS = 200n;
export const ONE = 1n << BITS;

/** Exact value of a double, |x| < 2¹⁰⁰⁰ (below 2^−200 cut off). */
export function fixed(x: number): bigint {
  let mantissa = Math.abs(x);
  let exponent = 0n;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent++;
  }
  const value = (BigInt(mantissa) << BITS) >> exponent;
  return x < 0 ? -value : value;
}

export function times(a: bigint, b: bigint): bigint {
  return (a * b) >> BITS;
}

export function over(a: bigint, b: bigint): bigint {
  return (a << BITS) / b;
}

/** e^x: halved sixteen times, Taylor series, squared sixteen times; about 180 bits right. */
export function exponential(x: bigint): bigint {
  const small = x >> 16n;
  let term = ONE;
  let sum = ONE;
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    term = times(term, small) / n;
    sum += term;
  }
  for (let k = 0; k < 16; k++) sum = times(sum, sum);
  return sum;
}

/** Relative error of a double against a fixed-point number ≠ 0. */
export function relativeError(double: number, exact: bigint): number {
  const difference = fixed(double) - exact;
  return Number((difference * 2n ** 80n) / exact) / 2 ** 80;
}
