import { describe, expect, it } from "vitest";
import { createSchedule, SCHEDULES, type ScheduleConfig } from "../../src/optimize/schedules/index.ts";

const EPOCHS = 20;
const CONFIG: { readonly [K in ScheduleConfig["kind"]]: Extract<ScheduleConfig, { readonly kind: K }> } = {
  constant: { kind: "constant", warmup: 0 },
  step: { kind: "step", every: 5, gamma: 0.5, warmup: 0 },
  exponential: { kind: "exponential", gamma: 0.9, warmup: 0 },
  cosine: { kind: "cosine", final: 0.1, warmup: 0 },
};

describe.each(SCHEDULES.map(({ kind }) => kind))("%s", (kind) => {
  it("starts at 1, never rises, stays positive", () => {
    const { factor } = createSchedule(CONFIG[kind], EPOCHS);
    expect(factor(0)).toBe(1);
    let last = 1;
    for (let epoch = 0; epoch <= EPOCHS; epoch += 0.25) {
      expect(factor(epoch)).toBeLessThanOrEqual(last);
      expect(factor(epoch)).toBeGreaterThan(0);
      last = factor(epoch);
    }
  });

  it("rises linearly while it warms up", () => {
    const cold = createSchedule({ ...CONFIG[kind], warmup: 0 }, EPOCHS);
    const warm = createSchedule({ ...CONFIG[kind], warmup: 2 }, EPOCHS);
    expect(warm.factor(0)).toBe(0);
    expect(warm.factor(0.5)).toBeCloseTo(0.25, 12);
    expect(warm.factor(1.5) / warm.factor(0.5)).toBeLessThanOrEqual(3 + 1e-12);
    expect(warm.factor(EPOCHS)).toBeCloseTo(cold.factor(EPOCHS), 12);
  });
});

describe("known factors", () => {
  const at = (config: ScheduleConfig, epoch: number): number => createSchedule(config, EPOCHS).factor(epoch);

  it("step: halves every five epochs", () => {
    expect([4.9, 5, 10, 19].map((epoch) => at(CONFIG.step, epoch))).toEqual([1, 0.5, 0.25, 0.125]);
  });

  it("exponential: once per epoch", () => {
    expect(at(CONFIG.exponential, 2.7)).toBeCloseTo(0.81, 12);
  });

  it("cosine: the middle and the end", () => {
    expect(at(CONFIG.cosine, 10)).toBeCloseTo(0.55, 12);
    expect(at(CONFIG.cosine, 20)).toBeCloseTo(0.1, 12);
    expect(at(CONFIG.cosine, 25)).toBeCloseTo(0.1, 12);
  });

  it("cosine: a training without epochs is no division by zero", () => {
    expect(createSchedule(CONFIG.cosine, 0).factor(0)).toBe(1);
  });
});
