/** What membranes of an ideal chip do under words that calibrations use: known answers of the neuron equation. */

import { describe, expect, test } from "vitest";
import { defaultConfig } from "../../src/chip/default-config.ts";
import { openChip } from "../../src/chip/index.ts";
import { CROSSBAR_OUTPUTS, TICK_US } from "../../src/chip/limits.ts";
import type { ChipConfig, Recording, SpikeBatch } from "../../src/chip/types.ts";

const NEURON = 37;

/** Runs one neuron without input for `duration` µs. */
async function observe(
  change: (neurons: ChipConfig["neurons"]) => void,
  duration: number,
  options: { kind?: "ideal" | "simulated"; clockScale?: number } = {},
): Promise<Recording> {
  const { kind = "ideal", clockScale = 0 } = options;
  const chip = await openChip({ kind });
  const { neurons, routing } = defaultConfig();
  neurons.thresholdOn[NEURON] = 1;
  neurons.eventsOn[NEURON] = 1;
  change(neurons);
  const output = NEURON >> 5;
  routing.nodeOn[output * CROSSBAR_OUTPUTS + 8 + (output % 4)] = 1;
  await chip.configure({ neurons, routing, refractoryClocks: Uint8Array.of(0, clockScale) });
  const batch: SpikeBatch = {
    entries: 1,
    duration: Math.round(duration / TICK_US),
    offset: new Int32Array(2),
    tick: new Int32Array(0),
    label: new Uint16Array(0),
  };
  return chip.run(batch, {
    spikes: true,
    cadc: { memory: "sram", recordedNeurons: Int32Array.of(NEURON) },
    madc: { neuron: NEURON, source: "membrane" },
  });
}

function spikeTimes({ spikes }: Recording): number[] {
  return Array.from(spikes.tick.slice(0, spikes.count), (tick) => tick * TICK_US);
}

/** Leak 150, threshold 100, reset 60 LSB. */
function leakOverThreshold(neurons: ChipConfig["neurons"]): void {
  neurons.leak[NEURON] = 629 + Math.round(70 / 0.33);
  neurons.threshold[NEURON] = 262;
  neurons.reset[NEURON] = 625 - Math.round(20 / 0.37);
}

describe("leak over threshold", () => {
  // Period = t_ref + τ ln((V_L − V_r)/(V_L − ϑ)), τ = 242 · 170^-0.72.
  test("fires with the closed-form period", async () => {
    const times = spikeTimes(await observe(leakOverThreshold, 60));
    const tau = 242 * 170 ** -0.72;
    const leak = 80 + 0.33 * Math.round(70 / 0.33);
    const reset = 80 - 0.37 * Math.round(20 / 0.37);
    const period = 1 + tau * Math.log((leak - reset) / (leak - 100));
    expect(times.length).toBe(1 + Math.floor(60 / period));
    for (let k = 1; k < times.length; k++) {
      expect(Math.abs(times[k]! - times[0]! - k * period)).toBeLessThan(1.01 * TICK_US);
    }
  });

  // 254 cycles of 250 MHz / 2^10: 1040 µs.
  test("stays at reset through a long refractory time, as a calibration of the reset wants it", async () => {
    const recording = await observe(
      (neurons) => {
        leakOverThreshold(neurons);
        neurons.refractoryCounter[NEURON] = 255;
      },
      80,
      { clockScale: 9 },
    );
    expect(recording.spikes.count).toBe(1);
    const { code, nominalTime } = recording.cadc as NonNullable<typeof recording.cadc>;
    const during = code.filter((_, k) => nominalTime[k]! > 1);
    expect(new Set(during)).toEqual(new Set([60]));
  });
});

test("a neuron without threshold or without events sends none", async () => {
  const silent = await observe((neurons) => {
    leakOverThreshold(neurons);
    neurons.thresholdOn[NEURON] = 0;
  }, 40);
  expect(silent.spikes.count).toBe(0);
  expect(Math.max(...(silent.madc as NonNullable<typeof silent.madc>).code)).toBe(480); // 105 + 2.5 · 150
  const muted = await observe((neurons) => {
    leakOverThreshold(neurons);
    neurons.eventsOn[NEURON] = 0;
  }, 40);
  expect(muted.spikes.count).toBe(0);
  // It still resets: threshold 100 LSB is code 355.
  expect(Math.max(...(muted.madc as NonNullable<typeof muted.madc>).code.slice(100))).toBeLessThanOrEqual(
    355,
  );
});

test("membranes end at the rails of a simulated chip", async () => {
  const high = await observe(
    (neurons) => {
      neurons.thresholdOn[NEURON] = 0;
      neurons.offsetCurrentOn[NEURON] = 1;
      neurons.offsetCurrent[NEURON] = 1022;
      neurons.leak[NEURON] = 1000; // 202 LSB
    },
    60,
    { kind: "simulated" },
  );
  const code = (high.madc as NonNullable<typeof high.madc>).code.slice(500);
  const mean = code.reduce((a, b) => a + b, 0) / code.length;
  // Rail 228 LSB; gain of the MADC ± 2 %, offset ± 10 codes, at 4 sigma.
  expect(Math.abs(mean - (105 + 2.5 * 228))).toBeLessThan(4 * Math.hypot(0.02 * 570, 10));
});

describe("AdEx terms", () => {
  const exponential = (neurons: ChipConfig["neurons"]): void => {
    neurons.leak[NEURON] = 730; // 113 LSB
    neurons.threshold[NEURON] = 480;
    neurons.exponentialOn[NEURON] = 1;
    neurons.expThreshold[NEURON] = 300; // V_T = 116 LSB
  };

  test("the exponential carries a membrane over a threshold that its leak does not reach", async () => {
    expect(spikeTimes(await observe((neurons) => exponential(neurons), 100)).length).toBeGreaterThan(2);
    const without = await observe((neurons) => {
      exponential(neurons);
      neurons.exponentialOn[NEURON] = 0;
    }, 100);
    expect(without.spikes.count).toBe(0);
  });

  test("adaptation lengthens the intervals between spikes; its words do nothing while it is off", async () => {
    const adapting = (on: number) => (neurons: ChipConfig["neurons"]) => {
      leakOverThreshold(neurons);
      neurons.adaptationOn[NEURON] = on;
      neurons.adaptB[NEURON] = 600; // 1.2 LSB/µs
      neurons.adaptTau[NEURON] = 290; // 82 µs
    };
    const plain = spikeTimes(await observe(leakOverThreshold, 100));
    expect(spikeTimes(await observe(adapting(0), 100))).toEqual(plain);
    const slowed = spikeTimes(await observe(adapting(1), 100));
    const interval = (times: number[], k: number): number => times[k + 1]! - times[k]!;
    expect(slowed.length).toBeLessThan(plain.length - 3);
    expect(interval(slowed, 3)).toBeGreaterThan(1.2 * interval(slowed, 0));
  });
});
