/** Units of time that NIR files are written in; NIR itself names none. */

/** What one µs is in each. */
export const TIME_UNITS = { s: 1e-6, ms: 1e-3, us: 1 } as const;
export type TimeUnit = keyof typeof TIME_UNITS;

/**
 * A number of a file as it was meant, without the digits that single precision and another unit of time added: what
 * survives single precision has 7 digits, everything else 15.
 */
export function meantNumber(value: number, factor = 1): number {
  return Number((value * factor).toPrecision(Math.fround(value) === value ? 7 : 15));
}
