/**
 * Noise streams of one entry: xoshiro128+ (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", 2021), four independent generators side by side. One stream drives the membranes, one events and
 * spikes, one what is read between grid points; so reading changes nothing.
 */

import { MEMBRANE_STREAM, NOISE_KEY, SCRATCH } from "../src/chip/kernel/layout";
import { all, mul } from "./vector";

/** Mean of the sum of 4 bytes. */
const MEAN: i32 = 510;
/** Vectors of the mean (i32) and of ones (i16); constants in the code would be made anew at each use. */
export const MEANS: usize = SCRATCH + 64;
export const ONES: usize = SCRATCH + 80;

/** A bijection of 32 bits that mixes all of them (the finaliser of MurmurHash3, Appleby), of four words. */
// @ts-ignore: decorator
@inline
function mix(word: v128): v128 {
  let h = v128.xor(word, i32x4.shr_u(word, 16));
  h = i32x4.mul(h, i32x4.splat(0x85ebca6b));
  h = v128.xor(h, i32x4.shr_u(h, 13));
  h = i32x4.mul(h, i32x4.splat(0xc2b2ae35));
  return v128.xor(h, i32x4.shr_u(h, 16));
}

/** Word `word` of the key mixed into `h`, which stands at `index`. */
// @ts-ignore: decorator
@inline
function mixKey(h: v128, word: usize, index: v128, factor: i32): v128 {
  const keyed = v128.xor(h, v128.load32_splat(NOISE_KEY + 4 * word));
  return mix(i32x4.add(keyed, i32x4.mul(index, i32x4.splat(factor))));
}

/** Fills the streams from the four words of the key. */
export function seed(): void {
  v128.store(MEANS, i32x4.splat(MEAN));
  v128.store(ONES, i16x8.splat(1));
  let index = i32x4(0, 1, 2, 3);
  for (let i: usize = 0; i < 192; i += 16) {
    let h = mixKey(i32x4.splat(0), 0, index, 0x9e3779b9);
    h = mixKey(h, 1, index, 0xbb67ae85);
    h = mixKey(h, 2, index, 0x3c6ef372);
    h = mixKey(h, 3, index, 0xa54ff53b);
    v128.store(MEMBRANE_STREAM + i, h);
    index = i32x4.add(index, i32x4.splat(4));
  }
}

/** Next word of the four generators. */
// @ts-ignore: decorator
@inline
export function draw(stream: usize): v128 {
  const s0 = v128.load(stream);
  const s1 = v128.load(stream + 16);
  const s2 = v128.xor(v128.load(stream + 32), s0);
  const s3 = v128.load(stream + 48);
  const word = i32x4.add(s0, s3);
  const t3 = v128.xor(s3, s1);
  v128.store(stream, v128.xor(s0, t3));
  v128.store(stream + 16, v128.xor(s1, s2));
  v128.store(stream + 32, v128.xor(s2, i32x4.shl(s1, 9)));
  v128.store(stream + 48, v128.or(i32x4.shl(t3, 11), i32x4.shr_u(t3, 21)));
  return word;
}

/** The next words, 16 bytes each from `to` up to `end`; the generators stay in registers. */
export function drawMany(stream: usize, to: usize, end: usize): void {
  let s0 = v128.load(stream);
  let s1 = v128.load(stream + 16);
  let s2 = v128.load(stream + 32);
  let s3 = v128.load(stream + 48);
  for (let at = to; at < end; at += 16) {
    v128.store(at, i32x4.add(s0, s3));
    const shifted = i32x4.shl(s1, 9);
    s2 = v128.xor(s2, s0);
    s3 = v128.xor(s3, s1);
    s1 = v128.xor(s1, s2);
    s0 = v128.xor(s0, s3);
    s2 = v128.xor(s2, shifted);
    s3 = v128.or(i32x4.shl(s3, 11), i32x4.shr_u(s3, 21));
  }
  v128.store(stream, s0);
  v128.store(stream + 16, s1);
  v128.store(stream + 32, s2);
  v128.store(stream + 48, s3);
}

/** Sum of the 4 bytes of each word less its mean: near normal, standard deviation √21845. */
// @ts-ignore: decorator
@inline
export function bytes(word: v128): v128 {
  return bytesOf(word, v128.load(MEANS), v128.load(ONES));
}

/** The same with what is at MEANS and ONES. */
// @ts-ignore: decorator
@inline
export function bytesOf(word: v128, means: v128, ones: v128): v128 {
  const pairs = i16x8.extadd_pairwise_i8x16_u(word);
  return f32x4.convert_i32x4_s(i32x4.sub(i32x4.dot_i16x8_s(pairs, ones), means));
}

/**
 * Sum of the 16 bytes of four successive words at `words` less its mean, halved: as `bytes`, closer to normal, for what
 * nothing filters.
 */
// @ts-ignore: decorator
@inline
export function manyBytes(words: usize): v128 {
  let sum = bytes(v128.load(words));
  for (let i: usize = 16; i < 64; i += 16) sum = f32x4.add(sum, bytes(v128.load(words + i)));
  return mul(sum, all(0.5));
}

/** Uniform in (0, 1), 23 bits of one lane's word. */
export function uniformOf(word: i32): f32 {
  return (<f32>(<u32>word >>> 9) + <f32>0.5) * <f32>1.1920928955078125e-7;
}

/** The same of four words. */
// @ts-ignore: decorator
@inline
export function uniforms(word: v128): v128 {
  return mul(f32x4.add(f32x4.convert_i32x4_s(i32x4.shr_u(word, 9)), all(0.5)), all(1.1920928955078125e-7));
}
