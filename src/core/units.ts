/**
 * Units. Inside the program times are µs, potentials are either model units (leak 0, threshold 1)
 * or CADC LSB; in files every dimensional quantity carries its unit (`6 us`).
 *
 * The flavoured types accept literals and arithmetic, but keep an LSB from passing as a time.
 */

declare const unit: unique symbol;

export type Microseconds = number & { readonly [unit]?: "us" };
/** One CADC step, about 4.5 mV on the membrane. */
export type Lsb = number & { readonly [unit]?: "lsb" };
/** Membrane potential with leak 0 and nominal threshold 1. */
export type ModelVoltage = number & { readonly [unit]?: "model" };

/** Factor to the base unit of each accepted suffix. */
const TIME_UNITS: Readonly<Record<string, number>> = { ns: 1e-3, us: 1, µs: 1, ms: 1e3, s: 1e6 };

/** Accepted spelling of a time in files; also the pattern of the JSON schema. */
export const TIME_PATTERN = "^[+-]?(\\d+(?:\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?\\s*(ns|us|µs|ms|s)$";

const TIME = new RegExp(TIME_PATTERN);

/** `"6 us"` → 6; undefined when the text is not a time with its unit. */
export function parseTime(text: string): Microseconds | undefined {
  const match = TIME.exec(text.trim());
  if (match === null) return undefined;
  const suffix = match[3] as string;
  const number = Number.parseFloat(text);
  const factor = TIME_UNITS[suffix];
  return factor === undefined || !Number.isFinite(number) ? undefined : number * factor;
}

/** 6 → `"6 us"`, always in µs so that files compare. */
export function formatTime(time: Microseconds): string {
  return `${time} us`;
}
