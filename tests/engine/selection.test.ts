import { describe, expect, it } from "vitest";
import type { MetricsRow } from "../../src/engine/metrics.ts";
import { createSelection } from "../../src/engine/selection.ts";
import type { Experiment } from "../../src/experiment/schema.ts";

const TRAINING: Experiment["training"] = {
  epochs: 9,
  batch: 5,
  update: { kind: "float" },
  evaluateEvery: 1,
  evaluateTest: true,
  log: [],
  checkpointEvery: 10,
};

function row(epoch: number, accuracy: number, loss: number): MetricsRow {
  return { epoch, split: "validation", accuracy, loss } as unknown as MetricsRow;
}

const ROWS = [row(1, 0.5, 1), row(2, 0.8, 0.9), row(3, 0.8, 0.5), row(4, 0.7, 0.6), row(5, 0.9, 0.7)];

describe("what the validation decides", () => {
  it("nothing, unless the experiment asks for it", () => {
    const selection = createSelection(TRAINING);
    expect(ROWS.map(selection.observe)).toEqual([false, false, false, false, false]);
    expect(selection.best).toBeUndefined();
    expect(selection.exhausted).toBe(false);
  });

  it("keeps the best by accuracy, the first of equals, or by loss", () => {
    const byAccuracy = createSelection({ ...TRAINING, best: { measure: "accuracy" } });
    expect(ROWS.map(byAccuracy.observe)).toEqual([true, true, false, false, true]);
    expect(byAccuracy.best?.epoch).toBe(5);
    const byLoss = createSelection({ ...TRAINING, best: { measure: "loss" } });
    expect(ROWS.map(byLoss.observe)).toEqual([true, true, true, false, false]);
    expect(byLoss.best?.epoch).toBe(3);
  });

  it("stops after as many evaluations without a better one as it has patience", () => {
    const stops = (minDelta: number): boolean[] => {
      const selection = createSelection({
        ...TRAINING,
        earlyStopping: { patience: 2, measure: "loss", minDelta },
      });
      return ROWS.map((each) => {
        selection.observe(each);
        return selection.exhausted;
      });
    };
    expect(stops(0)).toEqual([false, false, false, false, true]);
    expect(stops(0.2)).toEqual([false, false, false, false, true]);
    expect(stops(0.6)).toEqual([false, false, true, true, true]);
  });
});
