/**
 * The SIMD instructions that the kernel uses, lane by lane, for processors that lack them. The build without SIMD puts
 * an import of this file in front of every source (build.js), so that its `v128`, `f32x4`, … hide the built-in ones;
 * the sources are the same in both builds, and so are the results.
 *
 * A vector is the address of its four lanes in a ring of temporaries. A result takes the next place in the ring, which
 * is overwritten after TEMPORARIES further operations: many more than there are between the making of a value and its
 * last use (at most one pass over the 130 vectors of a chip).
 *
 * Long because it is a table: one function for each instruction that the kernel uses.
 */

import { TEMPORARIES, TEMPORARY } from "../src/chip/kernel/layout";

const RING_BYTES: usize = TEMPORARIES * 16;

let last: usize = 0;

/** The next place in the ring. */
// @ts-ignore: decorator
@inline
function place(): usize {
  last = (last + 16) & (RING_BYTES - 1);
  return TEMPORARY + last;
}

// @ts-ignore: decorator
@inline
function real(a: usize, lane: usize): f32 {
  return load<f32>(a + (lane << 2));
}

// @ts-ignore: decorator
@inline
function word(a: usize, lane: usize): i32 {
  return load<i32>(a + (lane << 2));
}

function ofReals(a: f32, b: f32, c: f32, d: f32): usize {
  const to = place();
  store<f32>(to, a);
  store<f32>(to, b, 4);
  store<f32>(to, c, 8);
  store<f32>(to, d, 12);
  return to;
}

function ofWords(a: i32, b: i32, c: i32, d: i32): usize {
  const to = place();
  store<i32>(to, a);
  store<i32>(to, b, 4);
  store<i32>(to, c, 8);
  store<i32>(to, d, 12);
  return to;
}

/** The four lanes at an address. */
function copy(from: usize): usize {
  return ofWords(word(from, 0), word(from, 1), word(from, 2), word(from, 3));
}

function put(a: usize, to: usize): void {
  const first = load<u64>(a);
  const second = load<u64>(a, 8);
  store<u64>(to, first);
  store<u64>(to, second, 8);
}

function put32(value: i32, to: usize): void {
  store<i32>(to, value);
}

/** The mask of a lane. */
// @ts-ignore: decorator
@inline
function mask(holds: bool): i32 {
  return -<i32>holds;
}

/** Sums of two bytes each, as the two halves of a word. */
function pairs(a: i32): i32 {
  return (a & 255) + ((a >>> 8) & 255) + ((((a >>> 16) & 255) + (a >>> 24)) << 16);
}

function halves(a: i32): i32 {
  return (<i32>(<i16>a)) + (a >> 16);
}

export type v128 = usize;

export namespace v128 {
  export function load(address: usize, offset: usize = 0): usize {
    return copy(address + offset);
  }
  export function store(address: usize, a: usize, offset: usize = 0): void {
    put(a, address + offset);
  }
  export function load32_zero(address: usize): usize {
    return ofReals(real(address, 0), 0, 0, 0);
  }
  export function load32_splat(address: usize): usize {
    return i32x4.splat(word(address, 0));
  }
  export function load32_lane(address: usize, a: usize, lane: usize): usize {
    const to = copy(a);
    put32(word(address, 0), to + (lane << 2));
    return to;
  }
  export function and(a: usize, b: usize): usize {
    return ofWords(
      word(a, 0) & word(b, 0),
      word(a, 1) & word(b, 1),
      word(a, 2) & word(b, 2),
      word(a, 3) & word(b, 3),
    );
  }
  export function or(a: usize, b: usize): usize {
    return ofWords(
      word(a, 0) | word(b, 0),
      word(a, 1) | word(b, 1),
      word(a, 2) | word(b, 2),
      word(a, 3) | word(b, 3),
    );
  }
  export function xor(a: usize, b: usize): usize {
    return ofWords(
      word(a, 0) ^ word(b, 0),
      word(a, 1) ^ word(b, 1),
      word(a, 2) ^ word(b, 2),
      word(a, 3) ^ word(b, 3),
    );
  }
  export function andnot(a: usize, b: usize): usize {
    return ofWords(
      word(a, 0) & ~word(b, 0),
      word(a, 1) & ~word(b, 1),
      word(a, 2) & ~word(b, 2),
      word(a, 3) & ~word(b, 3),
    );
  }
  export function bitselect(a: usize, b: usize, choice: usize): usize {
    return v128.or(v128.and(a, choice), v128.andnot(b, choice));
  }
  export function any_true(a: usize): bool {
    return (word(a, 0) | word(a, 1) | word(a, 2) | word(a, 3)) != 0;
  }
  /** Lanes 0 … 3 are those of a; the kernel never asks for those of b. */
  export function shuffle<T>(a: usize, _b: usize, l0: usize, l1: usize, l2: usize, l3: usize): usize {
    return ofWords(word(a, l0), word(a, l1), word(a, l2), word(a, l3));
  }
}

export namespace f32x4 {
  export function splat(x: f32): usize {
    return ofReals(x, x, x, x);
  }
  export function extract_lane(a: usize, lane: usize): f32 {
    return real(a, lane);
  }
  export function add(a: usize, b: usize): usize {
    return ofReals(
      real(a, 0) + real(b, 0),
      real(a, 1) + real(b, 1),
      real(a, 2) + real(b, 2),
      real(a, 3) + real(b, 3),
    );
  }
  export function sub(a: usize, b: usize): usize {
    return ofReals(
      real(a, 0) - real(b, 0),
      real(a, 1) - real(b, 1),
      real(a, 2) - real(b, 2),
      real(a, 3) - real(b, 3),
    );
  }
  export function mul(a: usize, b: usize): usize {
    return ofReals(
      real(a, 0) * real(b, 0),
      real(a, 1) * real(b, 1),
      real(a, 2) * real(b, 2),
      real(a, 3) * real(b, 3),
    );
  }
  export function div(a: usize, b: usize): usize {
    return ofReals(
      real(a, 0) / real(b, 0),
      real(a, 1) / real(b, 1),
      real(a, 2) / real(b, 2),
      real(a, 3) / real(b, 3),
    );
  }
  export function sqrt(a: usize): usize {
    return ofReals(
      Mathf.sqrt(real(a, 0)),
      Mathf.sqrt(real(a, 1)),
      Mathf.sqrt(real(a, 2)),
      Mathf.sqrt(real(a, 3)),
    );
  }
  export function abs(a: usize): usize {
    return ofReals(
      Mathf.abs(real(a, 0)),
      Mathf.abs(real(a, 1)),
      Mathf.abs(real(a, 2)),
      Mathf.abs(real(a, 3)),
    );
  }
  export function pmin(a: usize, b: usize): usize {
    return ofReals(
      real(b, 0) < real(a, 0) ? real(b, 0) : real(a, 0),
      real(b, 1) < real(a, 1) ? real(b, 1) : real(a, 1),
      real(b, 2) < real(a, 2) ? real(b, 2) : real(a, 2),
      real(b, 3) < real(a, 3) ? real(b, 3) : real(a, 3),
    );
  }
  export function pmax(a: usize, b: usize): usize {
    return ofReals(
      real(a, 0) < real(b, 0) ? real(b, 0) : real(a, 0),
      real(a, 1) < real(b, 1) ? real(b, 1) : real(a, 1),
      real(a, 2) < real(b, 2) ? real(b, 2) : real(a, 2),
      real(a, 3) < real(b, 3) ? real(b, 3) : real(a, 3),
    );
  }
  export function eq(a: usize, b: usize): usize {
    return ofWords(
      mask(real(a, 0) == real(b, 0)),
      mask(real(a, 1) == real(b, 1)),
      mask(real(a, 2) == real(b, 2)),
      mask(real(a, 3) == real(b, 3)),
    );
  }
  export function ne(a: usize, b: usize): usize {
    return ofWords(
      mask(real(a, 0) != real(b, 0)),
      mask(real(a, 1) != real(b, 1)),
      mask(real(a, 2) != real(b, 2)),
      mask(real(a, 3) != real(b, 3)),
    );
  }
  export function lt(a: usize, b: usize): usize {
    return ofWords(
      mask(real(a, 0) < real(b, 0)),
      mask(real(a, 1) < real(b, 1)),
      mask(real(a, 2) < real(b, 2)),
      mask(real(a, 3) < real(b, 3)),
    );
  }
  export function le(a: usize, b: usize): usize {
    return ofWords(
      mask(real(a, 0) <= real(b, 0)),
      mask(real(a, 1) <= real(b, 1)),
      mask(real(a, 2) <= real(b, 2)),
      mask(real(a, 3) <= real(b, 3)),
    );
  }
  export function gt(a: usize, b: usize): usize {
    return ofWords(
      mask(real(a, 0) > real(b, 0)),
      mask(real(a, 1) > real(b, 1)),
      mask(real(a, 2) > real(b, 2)),
      mask(real(a, 3) > real(b, 3)),
    );
  }
  export function ge(a: usize, b: usize): usize {
    return ofWords(
      mask(real(a, 0) >= real(b, 0)),
      mask(real(a, 1) >= real(b, 1)),
      mask(real(a, 2) >= real(b, 2)),
      mask(real(a, 3) >= real(b, 3)),
    );
  }
  export function convert_i32x4_s(a: usize): usize {
    return ofReals(
      <f32>word(a, 0),
      <f32>word(a, 1),
      <f32>word(a, 2),
      <f32>word(a, 3),
    );
  }
}

export function i32x4(a: i32, b: i32, c: i32, d: i32): usize {
  return ofWords(a, b, c, d);
}

export namespace i32x4 {
  export function splat(x: i32): usize {
    return ofWords(x, x, x, x);
  }
  export function extract_lane(a: usize, lane: usize): i32 {
    return word(a, lane);
  }
  export function add(a: usize, b: usize): usize {
    return ofWords(
      word(a, 0) + word(b, 0),
      word(a, 1) + word(b, 1),
      word(a, 2) + word(b, 2),
      word(a, 3) + word(b, 3),
    );
  }
  export function sub(a: usize, b: usize): usize {
    return ofWords(
      word(a, 0) - word(b, 0),
      word(a, 1) - word(b, 1),
      word(a, 2) - word(b, 2),
      word(a, 3) - word(b, 3),
    );
  }
  export function mul(a: usize, b: usize): usize {
    return ofWords(
      word(a, 0) * word(b, 0),
      word(a, 1) * word(b, 1),
      word(a, 2) * word(b, 2),
      word(a, 3) * word(b, 3),
    );
  }
  export function shl(a: usize, by: i32): usize {
    return ofWords(
      word(a, 0) << by,
      word(a, 1) << by,
      word(a, 2) << by,
      word(a, 3) << by,
    );
  }
  export function shr_u(a: usize, by: i32): usize {
    return ofWords(
      word(a, 0) >>> by,
      word(a, 1) >>> by,
      word(a, 2) >>> by,
      word(a, 3) >>> by,
    );
  }
  export function ge_s(a: usize, b: usize): usize {
    return ofWords(
      mask(word(a, 0) >= word(b, 0)),
      mask(word(a, 1) >= word(b, 1)),
      mask(word(a, 2) >= word(b, 2)),
      mask(word(a, 3) >= word(b, 3)),
    );
  }
  export function bitmask(a: usize): i32 {
    return (word(a, 0) >>> 31) | ((word(a, 1) >>> 31) << 1) | ((word(a, 2) >>> 31) << 2) | ((word(a, 3) >>> 31) << 3);
  }
  /** With b all ones: the sum of both halves of each lane. */
  export function dot_i16x8_s(a: usize, _b: usize): usize {
    return ofWords(halves(word(a, 0)), halves(word(a, 1)), halves(word(a, 2)), halves(word(a, 3)));
  }
}

export namespace i16x8 {
  export function splat(x: i16): usize {
    const both = (<i32>x & 0xffff) | (<i32>x << 16);
    return ofWords(both, both, both, both);
  }
  export function extadd_pairwise_i8x16_u(a: usize): usize {
    return ofWords(
      pairs(word(a, 0)),
      pairs(word(a, 1)),
      pairs(word(a, 2)),
      pairs(word(a, 3)),
    );
  }
}
