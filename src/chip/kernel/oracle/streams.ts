/**
 * Noise streams of one entry: xoshiro128+ (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", 2021), four independent generators side by side, one per lane of a vector. One stream drives the
 * membranes, one events and spikes, one what is read between grid points; so reading changes nothing.
 * Twin of assembly/random.ts.
 */

import { f } from "./single.ts";

/** State [word · 4 + lane], 4 words; `word` is what was drawn last, per lane. */
export interface NoiseStream {
  readonly state: Uint32Array;
  readonly word: Uint32Array;
}

export interface NoiseStreams {
  readonly membrane: NoiseStream;
  readonly event: NoiseStream;
  readonly sample: NoiseStream;
}

function emptyStream(): NoiseStream {
  return { state: new Uint32Array(16), word: new Uint32Array(4) };
}

export function createStreams(): NoiseStreams {
  return { membrane: emptyStream(), event: emptyStream(), sample: emptyStream() };
}

/** A bijection of 32 bits that mixes all of them (the finaliser of MurmurHash3, Appleby). */
function mix(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * Fills the streams from the four words of the key. Each state word is mixed with its own number at each of the
 * four stages, with different multipliers, so that keys that differ in a pattern give unrelated states.
 */
export function seedStreams(streams: NoiseStreams, key: Uint32Array): void {
  for (let i = 0; i < 48; i++) {
    let h = mix(key[0]! + Math.imul(i, 0x9e3779b9));
    h = mix((h ^ key[1]!) + Math.imul(i, 0xbb67ae85));
    h = mix((h ^ key[2]!) + Math.imul(i, 0x3c6ef372));
    h = mix((h ^ key[3]!) + Math.imul(i, 0xa54ff53b));
    const stream = i < 16 ? streams.membrane : i < 32 ? streams.event : streams.sample;
    stream.state[i & 15] = h;
  }
}

/** Advances the four generators; returns their words. */
export function draw({ state, word }: NoiseStream): Uint32Array {
  for (let lane = 0; lane < 4; lane++) {
    const s0 = state[lane]!;
    const s1 = state[4 + lane]!;
    const s2 = state[8 + lane]! ^ s0;
    const s3 = state[12 + lane]! ^ s1;
    word[lane] = s0 + state[12 + lane]!;
    state[lane] = s0 ^ s3;
    state[4 + lane] = s1 ^ s2;
    state[8 + lane] = s2 ^ (s1 << 9);
    state[12 + lane] = (s3 << 11) | (s3 >>> 21);
  }
  return word;
}

/** Sum of the 4 bytes less its mean: near normal, standard deviation √21845. */
export function bytes(word: number): number {
  return (word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24) - 510;
}

/** Sum of 16 bytes less its mean, halved, per lane: as `bytes`, closer to normal, for what nothing filters. */
export function manyBytes(stream: NoiseStream, out: Float32Array): void {
  out.fill(0);
  for (let k = 0; k < 4; k++) {
    const word = draw(stream);
    for (let lane = 0; lane < 4; lane++) out[lane] = out[lane]! + bytes(word[lane]!);
  }
  for (let lane = 0; lane < 4; lane++) out[lane] = f(out[lane]! * 0.5);
}

/** Uniform in (0, 1), 23 bits. */
export function uniformOf(word: number): number {
  return f(f((word >>> 9) + 0.5) * f(2 ** -23));
}
