/** Statistics over neurons that stay calm about outliers and missing values; NaN and infinities are left out. */

/** Finite values, ascending. */
function sorted(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values).filter(Number.isFinite).sort();
}

/** NaN when nothing finite is there. */
export function median(values: ArrayLike<number>): number {
  const order = sorted(values);
  if (order.length === 0) return Number.NaN;
  const half = order.length >> 1;
  const upper = order[half]!;
  return order.length % 2 === 1 ? upper : (upper + order[half - 1]!) / 2;
}

/**
 * Standard deviation without the outer `share` on each side, as the acceptance tests of real calibrations
 * compare spreads (electronicvisions/calix:tests/hw/py/test_neuron_distribution.py trims 5 %).
 */
export function trimmedDeviation(values: ArrayLike<number>, share = 0.05): number {
  const order = sorted(values);
  const cut = Math.floor(order.length * share);
  return deviation(order.subarray(cut, order.length - cut));
}

/** Standard deviation (n − 1); NaN below two values. */
export function deviation(values: ArrayLike<number>): number {
  const finite = sorted(values);
  if (finite.length < 2) return Number.NaN;
  const mean = average(finite);
  let squares = 0;
  for (const value of finite) squares += (value - mean) ** 2;
  return Math.sqrt(squares / (finite.length - 1));
}

/** NaN when nothing finite is there. */
export function average(values: ArrayLike<number>): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    sum += value;
    count++;
  }
  return sum / count;
}
