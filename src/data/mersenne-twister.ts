/**
 * MT19937, only to reproduce data that others drew with it; the program's own draws are core/random.ts.
 * Matsumoto & Nishimura, "Mersenne twister", ACM TOMACS 8 (1998) 3, with the seeding `init_genrand` of their
 * 2002 revision and the 53-bit `genrand_res53`: what numpy's RandomState(integer).rand() does.
 */

const SIZE = 624;
const SHIFT = 397;
const TWIST = 0x9908b0df;
const UPPER = 0x80000000;
const LOWER = 0x7fffffff;

export interface MersenneTwister {
  /** Uniform over 0 … 2³²−1. */
  word(): number;
  /** Uniform in [0, 1), 53 bits from two words. */
  uniform(): number;
}

/** @param seed integer 0 … 2³²−1 */
export function mersenneTwister(seed: number): MersenneTwister {
  const state = new Uint32Array(SIZE);
  state[0] = seed;
  for (let i = 1; i < SIZE; i++) {
    const previous = state[i - 1]!;
    state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
  }
  let used = SIZE;

  const regenerate = (): void => {
    for (let i = 0; i < SIZE; i++) {
      const mixed = (state[i]! & UPPER) | (state[(i + 1) % SIZE]! & LOWER);
      state[i] = state[(i + SHIFT) % SIZE]! ^ (mixed >>> 1) ^ (mixed & 1 ? TWIST : 0);
    }
    used = 0;
  };
  const word = (): number => {
    if (used === SIZE) regenerate();
    let y = state[used++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
  return {
    word,
    uniform: () => {
      const high = word() >>> 5;
      const low = word() >>> 6;
      return (high * 2 ** 26 + low) / 2 ** 53;
    },
  };
}
