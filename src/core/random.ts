/**
 * Named random streams, counter based: a draw depends on (seed, name, indices, position) alone, never on
 * the order in which parts of the program run or on the number of workers.
 *
 * Generator: Philox4x32-10, Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC11).
 */

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers, from products of their halves. */
function mulHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const left = (Math.imul(a1, b0) + (Math.imul(a0, b0) >>> 16)) >>> 0;
  const right = (Math.imul(a0, b1) + (left & 0xffff)) >>> 0;
  return (Math.imul(a1, b1) + (left >>> 16) + (right >>> 16)) >>> 0;
}

/** One Philox4x32-10 block: `counter` (4 words) under `key` (2 words) → `out` (4 words, unsigned). */
export function philox(counter: Uint32Array, key0: number, key1: number, out: Uint32Array): void {
  let c0 = counter[0]!;
  let c1 = counter[1]!;
  let c2 = counter[2]!;
  let c3 = counter[3]!;
  let k0 = key0 >>> 0;
  let k1 = key1 >>> 0;
  for (let round = 0; round < 10; round++) {
    const high0 = mulHigh(M0, c0);
    const low0 = Math.imul(M0, c0) >>> 0;
    const high1 = mulHigh(M1, c2);
    const low1 = Math.imul(M1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** 32-bit FNV-1a hash of a stream's name. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

export interface Stream {
  /** Uniform over 0 … 2³²−1. */
  word(): number;
  /** Uniform in [0, 1) with 53 bits. */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform integer in [0, bound); bound ≤ 2³². */
  below(bound: number): number;
}

/**
 * The stream called `name` of `seed`; `first` and `second` index it (an epoch, a sample, a run).
 * Seeds are integers 0 … 2³²−1.
 */
export function stream(seed: number, name: string, first = 0, second = 0): Stream {
  const counter = new Uint32Array([0, 0, first >>> 0, second >>> 0]);
  const key0 = seed >>> 0;
  const key1 = hashName(name);
  const block = new Uint32Array(4);
  let used = 4;
  let spare: number | undefined;

  const word = (): number => {
    if (used === 4) {
      philox(counter, key0, key1, block);
      counter[0] = counter[0]! + 1;
      if (counter[0] === 0) counter[1] = counter[1]! + 1;
      used = 0;
    }
    return block[used++]!;
  };
  const uniform = (): number => ((word() >>> 5) * 67108864 + (word() >>> 6)) / 9007199254740992;
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  const below = (bound: number): number => {
    const limit = 0x100000000 - (0x100000000 % bound);
    let draw = word();
    while (draw >= limit) draw = word();
    return draw % bound;
  };
  return { word, uniform, normal, below };
}

/** A permutation of 0 … size−1 (Fisher–Yates). */
export function permutation(size: number, draws: Stream): Int32Array {
  const order = Int32Array.from({ length: size }, (_, i) => i);
  for (let i = size - 1; i > 0; i--) {
    const j = draws.below(i + 1);
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
  return order;
}
