/**
 * x^y with the same digits on every engine. V8 exchanged the algorithm of `Math.pow` and `**` between Node 22 and 24,
 * and results moved in their last digits; this program therefore uses neither with a variable exponent (the lint rule
 * lint/power.grit holds that). Additions, products, quotients and square roots are exact to half a unit everywhere,
 * and nothing else is used here.
 *
 *     x = 2^n m,  ln x = n ln 2 − ln c + ln(1 + z)      c ≈ 1/m of a table,  z = m c − 1,  |z| < 2^-7
 *     e = y ln x = k ln 2 / 32 + r,  x^y = 2^(k/32) (1 + r + r²/2 + …)
 *
 * Logarithm, product and the first term of the exponential are pairs of doubles (Dekker 1971), of 106 bits; what
 * follows is so small that doubles serve. Against 60-digit arithmetic none of 7500 powers was not the nearest double.
 * Results below the smallest normal number are rounded twice.
 */

const SPLITTER = 134217729; // 2^27 + 1

/** Rest of a · b beside the rounded product p: a b = p + rest exactly. */
function productRest(a: number, b: number, p: number): number {
  const ta = SPLITTER * a;
  const aHigh = ta - (ta - a);
  const aLow = a - aHigh;
  const tb = SPLITTER * b;
  const bHigh = tb - (tb - b);
  const bLow = b - bHigh;
  return aHigh * bHigh - p + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

/** Rest of a + b beside the rounded sum: a + b = sum + rest exactly. */
function sumRest(a: number, b: number, sum: number): number {
  const bHere = sum - a;
  return a - (sum - bHere) + (b - bHere);
}

/** A pair of doubles, high + low. */
interface Pair {
  readonly high: number;
  readonly low: number;
}

function plus(a: Pair, b: Pair): Pair {
  const sum = a.high + b.high;
  const rest = sumRest(a.high, b.high, sum) + a.low + b.low;
  const high = sum + rest;
  return { high, low: rest - (high - sum) };
}

function times(a: Pair, b: Pair): Pair {
  const p = a.high * b.high;
  const rest = productRest(a.high, b.high, p) + a.high * b.low + a.low * b.high;
  const high = p + rest;
  return { high, low: rest - (high - p) };
}

function dividedBy(a: Pair, b: number): Pair {
  const q = a.high / b;
  const p = q * b;
  const rest = (a.high - p - productRest(q, b, p) + a.low) / b;
  const high = q + rest;
  return { high, low: rest - (high - q) };
}

const single = (high: number): Pair => ({ high, low: 0 });

/** ln of a/b for whole a, b with a/b in 0.5 … 2, from the series of artanh. */
function logarithmOfRatio(a: number, b: number): Pair {
  const s = dividedBy(single(a - b), a + b);
  const square = times(s, s);
  let sum = single(0);
  for (let term = 71; term > 0; term -= 2) sum = plus(times(sum, square), dividedBy(single(1), term));
  return times(times(single(2), s), sum);
}

/** e^x for small x, from Taylor's series. */
function exponential(x: Pair): Pair {
  let sum = single(1);
  for (let term = 26; term > 0; term--) sum = plus(single(1), dividedBy(times(x, sum), term));
  return sum;
}

const LN2 = logarithmOfRatio(2, 1);

/** Reciprocals of mantissas in steps of 1/128, of 9 bits, and −ln of each; exact beside 1 and 2, where ln x is small. */
const STEPS = 128;
const RECIPROCAL = Float64Array.from({ length: STEPS }, (_, i) =>
  i === 0 ? 1 : i === STEPS - 1 ? 1 / 2 : Math.round((256 * STEPS) / (STEPS + i + 0.5)) / 256,
);
const MINUS_LOGS = Array.from(RECIPROCAL, (c) => logarithmOfRatio(256, 256 * c));
const MINUS_LOG_HIGH = Float64Array.from(MINUS_LOGS, ({ high }) => high);
const MINUS_LOG_LOW = Float64Array.from(MINUS_LOGS, ({ low }) => low);

/** 2^(i/32). */
const PARTS = 32;
const STEP = dividedBy(LN2, PARTS);
const ROOTS = Array.from({ length: PARTS }, (_, i) => exponential(times(single(i), STEP)));
const ROOT_HIGH = Float64Array.from(ROOTS, ({ high }) => high);
const ROOT_LOW = Float64Array.from(ROOTS, ({ low }) => low);
/** STEP with 30 trailing zeros, so that its product with a count below 2^17 is exact; and the rest. */
const STEP_TOP = Math.round(STEP.high * 2 ** 40) / 2 ** 40;
const STEP_REST = STEP.high - STEP_TOP + STEP.low;

const float = new Float64Array(1);
const bits = new Uint32Array(float.buffer);
const UPPER = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;
const TWO_TO_54 = 2 ** 54;

/**
 * @param x at least 0
 * @throws RangeError when x is negative
 */
export function power(x: number, y: number): number {
  if (x < 0) throw new RangeError(`power of a negative number, ${x}`);
  if (y === 0) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (x === 1) return 1;
  if (!Number.isFinite(y)) return x > 1 === y > 0 ? Number.POSITIVE_INFINITY : 0;
  if (x === 0 || x === Number.POSITIVE_INFINITY) return (x === 0) === y > 0 ? 0 : Number.POSITIVE_INFINITY;

  // x = 2^n m with m in [1, 2); the mantissa's upper bits choose the reciprocal.
  float[0] = x < 2.2250738585072014e-308 ? x * TWO_TO_54 : x;
  let n = (bits[UPPER]! >>> 20) - 1023 - (x < 2.2250738585072014e-308 ? 54 : 0);
  const step = (bits[UPPER]! >>> 13) & (STEPS - 1);
  bits[UPPER] = (bits[UPPER]! & 0xfffff) | 0x3ff00000;
  const m = float[0]!;
  const c = RECIPROCAL[step]!;
  let minusLogHigh = MINUS_LOG_HIGH[step]!;
  let minusLogLow = MINUS_LOG_LOW[step]!;
  // Near 2 the two large terms, ln 2 and ln c, would cancel.
  if (step >= STEPS / 2) {
    n += 1;
    const sum = minusLogHigh - LN2.high;
    minusLogLow = sumRest(minusLogHigh, -LN2.high, sum) + minusLogLow - LN2.low;
    minusLogHigh = sum;
  }
  // z = m c − 1 exactly, as a pair.
  const product = m * c;
  const zTop = product - 1;
  const zRest = productRest(m, c, product);
  const z = zTop + zRest;
  const zLow = zRest - (z - zTop);
  // ln(1 + z) = 2 s + 2 s³/3 + …, s = z / (2 + z)
  const below = 2 + z;
  const belowLow = z - (below - 2) + zLow;
  const s = z / below;
  const back = s * below;
  const sLow = (z - back - productRest(s, below, back) + zLow - s * belowLow) / below;
  const square = s * s;
  const tail =
    2 * s * square * (1 / 3 + square * (1 / 5 + square * (1 / 7 + square * (1 / 9 + square / 11))));
  // ln x
  const whole = n * LN2.high;
  const wholeRest = productRest(n, LN2.high, whole) + n * LN2.low;
  const first = whole + minusLogHigh;
  const second = first + 2 * s;
  const low =
    sumRest(whole, minusLogHigh, first) +
    sumRest(first, 2 * s, second) +
    (wholeRest + minusLogLow + (2 * sLow + tail));
  const log = second + low;
  const logLow = low - (log - second);

  // e = y ln x
  const e = y * log;
  if (e > 710) return Number.POSITIVE_INFINITY;
  if (e < -746) return 0;
  const eLow = productRest(y, log, e) + y * logLow;
  const k = Math.round(e / STEP.high);
  const rTop = e - k * STEP_TOP;
  const rRest = eLow - k * STEP_REST;
  const r = rTop + rRest;
  const rLow = sumRest(rTop, rRest, r);
  const curve = r * r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720 + r / 5040)))));
  const part = k & (PARTS - 1);
  const root = ROOT_HIGH[part]!;
  const growth = root * r;
  const growthRest = productRest(root, r, growth) + root * (rLow + curve) + ROOT_LOW[part]! * (1 + r);
  const sum = root + growth;
  const value = sum + (sumRest(root, growth, sum) + growthRest);
  // Twice, because 2^1024 is no double; results below the smallest normal number are rounded once more.
  const exponent = (k - part) / PARTS;
  const half = exponent >> 1;
  return value * 2 ** half * 2 ** (exponent - half);
}
