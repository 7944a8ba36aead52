/** exp and ln in f32, each operation rounded, so that every machine agrees. */

const LOG2E: f32 = 1.4426950408889634;
/** ln 2 in two parts; products of the first with small integers are exact. */
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -0.00021219444005469057;

/** e^x for −80 ≤ x ≤ 80, clamped beyond; relative error below 2⁻²². Taylor series on |r| ≤ ½ ln 2. */
export function exp32(x: f32): f32 {
  const y: f32 = x < -80 ? -80 : x > 80 ? 80 : x;
  const n = Mathf.floor(y * LOG2E + <f32>0.5);
  const r = y - n * LN2_HIGH - n * LN2_LOW;
  let p: f32 = 1.984126984126984e-4;
  p = p * r + <f32>1.388888888888889e-3;
  p = p * r + <f32>8.333333333333333e-3;
  p = p * r + <f32>4.1666666666666664e-2;
  p = p * r + <f32>1.6666666666666666e-1;
  p = p * r + <f32>0.5;
  p = p * r + <f32>1;
  p = p * r + <f32>1;
  return p * reinterpret<f32>((<i32>n + 127) << 23);
}

/** ln x for normal x > 0; absolute error below 2⁻²². ln m = 2 artanh((m − 1)/(m + 1)), √½ ≤ m < √2. */
export function log32(x: f32): f32 {
  const bits = reinterpret<u32>(x);
  let exponent = <i32>(bits >>> 23) - 127;
  let m = reinterpret<f32>((bits & 0x7fffff) | 0x3f800000);
  if (m > <f32>1.4142135623730951) {
    m = m * <f32>0.5;
    exponent = exponent + 1;
  }
  const f = (m - <f32>1) / (m + <f32>1);
  const s = f * f;
  let p: f32 = 0.1111111111111111;
  p = p * s + <f32>0.14285714285714285;
  p = p * s + <f32>0.2;
  p = p * s + <f32>0.3333333333333333;
  p = p * s + <f32>1;
  return <f32>exponent * LN2_HIGH + (<f32>exponent * LN2_LOW + <f32>2 * f * p);
}
