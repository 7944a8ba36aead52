import { describe, expect, test } from "vitest";
import { planRows } from "../../../src/chip/cadc-rows.ts";
import { defaultConfig } from "../../../src/chip/default-config.ts";
import {
  type Cadc,
  convertSamples,
  createCadc,
  drawSampleTimes,
  nominalTimes,
  transferOf,
} from "../../../src/chip/simulated/cadc.ts";
import { effectsWith } from "../../../src/chip/simulated/effects.ts";
import { createMadc } from "../../../src/chip/simulated/madc.ts";
import { createEntryNoise } from "../../../src/chip/simulated/noise.ts";

const noise = createEntryNoise();
noise.start(1, 2, 3);

/** Code of one read without noise. */
function read(cadc: Cadc, channel: number, potential: number): number {
  const out = new Uint8ClampedArray(1);
  const kept = transferOf(cadc, Int32Array.of(channel));
  convertSamples(kept, Float32Array.of(potential), Float32Array.of(0), 0, 1, out, 0);
  return out[0]!;
}

describe("CADC codes", () => {
  const { quadrants, cadcOffset } = defaultConfig();

  test("the ideal converter reads LSB one to one, rounds, clips to 8 bit", () => {
    const cadc = createCadc(1, effectsWith({}), 0);
    cadc.setWords(quadrants, cadcOffset);
    expect([-4, 0.4, 80, 100.5, 254.6, 300].map((v) => read(cadc, 0, v))).toEqual([0, 0, 80, 100, 255, 255]);
    expect(read(cadc, 0, Number.NaN)).toBe(0);
  });

  test("codes of several channels are laid out sample by sample; errors of reads add", () => {
    const cadc = createCadc(1, effectsWith({}), 0);
    const words = defaultConfig();
    words.cadcOffset[7] = 10;
    cadc.setWords(words.quadrants, words.cadcOffset);
    const out = new Uint8ClampedArray(5);
    const kept = transferOf(cadc, Int32Array.of(2, 7));
    convertSamples(kept, Float32Array.of(50, 60, 70, 80), Float32Array.of(0, 0, 0, 2), 0.5, 2, out, 1);
    expect([...out]).toEqual([0, 50, 70, 70, 91]);
  });

  test("words act as on the chip: offset code lowers reads, slope current lowers gain, channel offset adds", () => {
    const cadc = createCadc(1, effectsWith({}), 0);
    const words = defaultConfig();
    words.quadrants.cadcRampOffset.fill(31 + 24); // 24 codes = 10 LSB
    words.cadcOffset[3] = -7;
    cadc.setWords(words.quadrants, words.cadcOffset);
    expect(read(cadc, 0, 100)).toBe(90);
    expect(read(cadc, 3, 100)).toBe(83);
    words.quadrants.cadcRampOffset.fill(31);
    words.quadrants.cadcRampSlope.fill(738);
    cadc.setWords(words.quadrants, words.cadcOffset);
    expect(read(cadc, 0, 100)).toBe(50);
  });

  // 512 channels of one kind within quadrants: standard error of the sd 3.1 %.
  test("channel offsets spread by 9.95 LSB, causal and acausal correlated by 0.1", () => {
    const cadc = createCadc(5, effectsWith({ cadcSlopeSpread: 0, cadcRampOffsetSpreadCodes: 0 }), 1);
    cadc.setWords(quadrants, cadcOffset);
    const reads = Array.from({ length: 1024 }, (_, channel) => read(cadc, channel, 120) - 120.5);
    const sd = Math.sqrt(reads.reduce((sum, r) => sum + r * r, 0) / 1024);
    expect(Math.abs(sd / 9.95 - 1)).toBeLessThan(4 / Math.sqrt(2 * 1024));
    let product = 0;
    for (let n = 0; n < 512; n++) product += reads[2 * n]! * reads[2 * n + 1]!;
    expect(Math.abs(product / 512 / sd ** 2 - 0.1)).toBeLessThan(4 / Math.sqrt(512));
  });

  test("the top of the range is compressed", () => {
    const cadc = createCadc(
      1,
      effectsWith({
        cadcOffsetSpreadLsb: 0,
        cadcGainSpread: 0,
        cadcSlopeSpread: 0,
        cadcRampOffsetSpreadCodes: 0,
      }),
      1,
    );
    cadc.setWords(quadrants, cadcOffset);
    expect(read(cadc, 0, 220)).toBe(220);
    expect(read(cadc, 0, 250)).toBe(247);
  });
});

describe("CADC timing", () => {
  const stamp = new Float64Array(100);

  test("SRAM: one row per 1.7 µs from 5 µs before the entry to 2 µs after it, at most 100", () => {
    const plan = planRows("sram", 38, 0.05);
    // Of 27 rows 25 lie within the entry whenever the recording starts.
    expect(plan).toEqual({ period: 1.7, rows: 27, samples: 25, truncated: false });
    const nominal = nominalTimes(plan);
    expect(nominal[0]).toBe(-5);
    expect(nominal[24]! - nominal[23]!).toBeCloseTo(1.7, 12);
    expect(planRows("sram", 500, 0.05)).toMatchObject({ rows: 100, samples: 100, truncated: true });
  });

  test("DRAM: one row per 6 µs, long", () => {
    expect(planRows("dram", 6000)).toMatchObject({ period: 6, rows: 1002, samples: 1000, truncated: false });
  });

  test("true times lie within one period and the jitter of the nominal ones, and inside the entry", () => {
    const plan = planRows("sram", 38, 0.05);
    const nominal = nominalTimes(plan);
    const out = new Float64Array(plan.samples);
    const phases: number[] = [];
    for (let entry = 0; entry < 2000; entry++) {
      const before = drawSampleTimes(plan, 1, 0.05, noise, out, stamp, 0);
      phases.push(out[0]! - nominal[before]!);
      expect(out[plan.samples - before - 1]).toBeLessThanOrEqual(38);
      expect(out[0]).toBeGreaterThanOrEqual(0);
      // A stamp knows the jitter of its sample, to 8 ns, but not when the recording began.
      const start = out[0]! - stamp[before]!;
      for (let k = before; k < plan.samples; k++)
        expect(Math.abs(out[k - before]! - stamp[k]! - start)).toBeLessThan(0.0081);
    }
    expect(Math.min(...phases)).toBeGreaterThan(-0.05);
    expect(Math.max(...phases)).toBeLessThan(1.75);
    // Uniform over one period: mean 0.85 ± 4 · 1.7/√12/√2000.
    const mean = phases.reduce((a, b) => a + b, 0) / phases.length;
    expect(Math.abs(mean - 0.85)).toBeLessThan(0.044);
  });

  test("single samples are early or late by at most the jitter", () => {
    const plan = planRows("sram", 38, 0.05);
    const nominal = nominalTimes(plan);
    const out = new Float64Array(plan.samples);
    const shifts: number[] = [];
    for (let entry = 0; entry < 100; entry++) {
      const before = drawSampleTimes(plan, 0, 0.05, noise, out, stamp, 0);
      expect(before).toBe(3);
      for (let k = before; k < plan.samples; k++) shifts.push(out[k - before]! - nominal[k]!);
    }
    // Uniform: the farthest of 2200 are 4e-5 from the ends on average; mean ± 4 · 0.05/√3/√2200.
    expect(Math.min(...shifts)).toBeGreaterThan(-0.05 - 1e-9);
    expect(Math.min(...shifts)).toBeLessThan(-0.0495);
    expect(Math.max(...shifts)).toBeLessThan(0.05 + 1e-9);
    expect(Math.max(...shifts)).toBeGreaterThan(0.0495);
    const mean = shifts.reduce((a, b) => a + b, 0) / shifts.length;
    expect(Math.abs(mean)).toBeLessThan(0.0025);
  });

  test("without noise samples are on time", () => {
    const plan = planRows("sram", 10, 0);
    const out = new Float64Array(plan.samples);
    const before = drawSampleTimes(plan, 0, 0, noise, out, stamp, 0);
    expect(before).toBe(3);
    expect(out[0]).toBeCloseTo(3 * 1.7 - 5, 12);
  });
});

describe("MADC", () => {
  const out = new Uint16Array(8);

  test("samples every 34 ns, at most 65535", () => {
    const madc = createMadc(1, effectsWith({}), 0, 0);
    expect(madc.times(38)).toHaveLength(1118);
    expect(madc.times(38)[1]).toBeCloseTo(0.034, 12);
    expect(madc.times(1e5)).toHaveLength(65_535);
  });

  test("ideal: leak of 80 LSB is code 305, 2.5 codes per LSB, clipped to 10 bit", () => {
    const madc = createMadc(1, effectsWith({}), 0, 0);
    madc.convert(Float32Array.from([80, 100, -90, 500]), 4, undefined, out, 0, noise);
    expect([...out.subarray(0, 4)]).toEqual([305, 355, 0, 1023]);
  });

  test("a synaptic line falls by 0.8 codes per weight at DAC 600", () => {
    const madc = createMadc(1, effectsWith({}), 0, 0);
    madc.convert(Float32Array.from([0, 50]), 2, { perWeight: 0.1, dacBias: 300 }, out, 0, noise);
    expect([...out.subarray(0, 2)]).toEqual([800, 600]);
  });

  // Rounding adds 1/12 to the variance of 1.2²; 4000 reads, bound 4 standard errors.
  test("reads are noisy", () => {
    const madc = createMadc(1, effectsWith({}), 0, 1.2);
    const codes = new Uint16Array(4000);
    madc.convert(new Float32Array(4000).fill(80), 4000, undefined, codes, 0, noise);
    const variance = codes.reduce((sum, c) => sum + (c - 305) ** 2, 0) / 4000;
    expect(Math.abs(variance / (1.44 + 1 / 12) - 1)).toBeLessThan(4 * Math.sqrt(2 / 4000));
  });
});
