/**
 * Noise streams of one entry: xoshiro128+ (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", 2021), four independent generators side by side. One stream drives the membranes, one events and
 * spikes, one what is read between grid points; so reading changes nothing. Twin of src/kernels/oracle/streams.ts.
 */

import { MEMBRANE_STREAM, NOISE_KEY, SCRATCH } from "../src/kernels/layout";
import { all, mul } from "./vector";

/** Mean of the sum of 4 bytes. */
const MEAN: i32 = 510;
/** Vectors of the mean (i32) and of ones (i16); constants in the code would be made anew at each use. */
export const MEANS: usize = SCRATCH + 64;
export const ONES: usize = SCRATCH + 80;

/** A bijection of 32 bits that mixes all of them (the finaliser of MurmurHash3, Appleby). */
function mix(word: u32): u32 {
  let h = word;
  h = (h ^ (h >>> 16)) * 0x85ebca6b;
  h = (h ^ (h >>> 13)) * 0xc2b2ae35;
  return h ^ (h >>> 16);
}

/** Fills the streams from the four words of the key. */
export function seed(): void {
  v128.store(MEANS, i32x4.splat(MEAN));
  v128.store(ONES, i16x8.splat(1));
  for (let i: u32 = 0; i < 48; i++) {
    let h = mix(load<u32>(NOISE_KEY) + i * 0x9e3779b9);
    h = mix((h ^ load<u32>(NOISE_KEY + 4)) + i * 0xbb67ae85);
    h = mix((h ^ load<u32>(NOISE_KEY + 8)) + i * 0x3c6ef372);
    h = mix((h ^ load<u32>(NOISE_KEY + 12)) + i * 0xa54ff53b);
    store<u32>(MEMBRANE_STREAM + 4 * i, h);
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

/** Sum of 16 bytes less its mean, halved: as `bytes`, closer to normal, for what nothing filters. */
export function manyBytes(stream: usize): v128 {
  let sum = bytes(draw(stream));
  for (let i = 0; i < 3; i++) sum = f32x4.add(sum, bytes(draw(stream)));
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
