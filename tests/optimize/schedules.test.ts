import { describe, expect, it } from "vitest";
import {
  createSchedule,
  isOpenEnded,
  SCHEDULES,
  type ScheduleConfig,
} from "../../src/optimize/schedules/index.ts";

const EPOCHS = 20;
const CONFIG: { readonly [K in ScheduleConfig["kind"]]: Extract<ScheduleConfig, { readonly kind: K }> } = {
  constant: { kind: "constant", warmup: 0 },
  step: { kind: "step", every: 5, gamma: 0.5, warmup: 0 },
  exponential: { kind: "exponential", gamma: 0.9, warmup: 0 },
  cosine: { kind: "cosine", final: 0.1, warmup: 0 },
  plateau: { kind: "plateau", patience: 2, gamma: 0.5, threshold: 0.01, final: 0.2, warmup: 0 },
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

  it("plateau: halves after two evaluations that are no better, down to its final factor", () => {
    const { factor, observe } = createSchedule(CONFIG.plateau, EPOCHS);
    const after = (loss: number): number => {
      observe?.(loss);
      return factor(3);
    };
    expect([1, 0.9, 0.895, 0.895].map(after)).toEqual([1, 1, 1, 0.5]);
    expect([0.8, 0.8, 0.8].map(after)).toEqual([0.5, 0.5, 0.25]);
    expect([0.8, 0.8].map(after)).toEqual([0.25, 0.2]);
  });

  it("says of each whether the training may become longer: only where no earlier factor changes", () => {
    for (const { kind } of SCHEDULES) {
      const changes = [2, 5, 9].some(
        (epoch) =>
          createSchedule(CONFIG[kind], 10).factor(epoch) !== createSchedule(CONFIG[kind], 20).factor(epoch),
      );
      expect(isOpenEnded(CONFIG[kind])).toBe(!changes);
    }
  });

  it("cosine: a training without epochs is no division by zero", () => {
    expect(createSchedule(CONFIG.cosine, 0).factor(0)).toBe(1);
  });
});
