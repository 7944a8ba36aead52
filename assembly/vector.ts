/** Shorthand for vectors of 4 lanes in f32, so that formulas can be read. `min(a, b)` is b < a ? b : a. */

// @ts-ignore: decorator
@inline
export function at(vector: usize, array: usize): v128 {
  return v128.load(vector + array);
}

// @ts-ignore: decorator
@inline
export function put(vector: usize, array: usize, value: v128): void {
  v128.store(vector + array, value);
}

/** Entry k of a list of 4 bytes each that ends at `end`, or its last where it is too short. */
// @ts-ignore: decorator
@inline
export function orLast(k: usize, end: usize): usize {
  return k < end ? k : end - 4;
}

/** The values at four addresses. */
// @ts-ignore: decorator
@inline
export function four(l0: usize, l1: usize, l2: usize, l3: usize): v128 {
  let values = v128.load32_zero(l0);
  values = v128.load32_lane(l1, values, 1);
  values = v128.load32_lane(l2, values, 2);
  return v128.load32_lane(l3, values, 3);
}

// @ts-ignore: decorator
@inline
export function all(x: f32): v128 {
  return f32x4.splat(x);
}

// @ts-ignore: decorator
@inline
export function add(a: v128, b: v128): v128 {
  return f32x4.add(a, b);
}

// @ts-ignore: decorator
@inline
export function sub(a: v128, b: v128): v128 {
  return f32x4.sub(a, b);
}

// @ts-ignore: decorator
@inline
export function mul(a: v128, b: v128): v128 {
  return f32x4.mul(a, b);
}

// @ts-ignore: decorator
@inline
export function div(a: v128, b: v128): v128 {
  return f32x4.div(a, b);
}

// @ts-ignore: decorator
@inline
export function root(a: v128): v128 {
  return f32x4.sqrt(a);
}

// @ts-ignore: decorator
@inline
export function min(a: v128, b: v128): v128 {
  return f32x4.pmin(a, b);
}

// @ts-ignore: decorator
@inline
export function max(a: v128, b: v128): v128 {
  return f32x4.pmax(a, b);
}
