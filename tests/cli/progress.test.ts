import { describe, expect, test } from "vitest";
import { createProgress, duration, shortNumber } from "../../src/cli/progress.ts";
import type { Terminal } from "../../src/cli/terminal.ts";

/** A display on a fake stream with a clock that the test turns. */
function display(progress: Terminal["progress"], columns = 80, verbose = false) {
  let time = 0;
  let written = "";
  const said: string[] = [];
  const stream = {
    columns,
    write: (text: string) => {
      written += text;
      return true;
    },
  } as unknown as NodeJS.WriteStream;
  const terminal: Terminal = {
    result: () => {},
    say: (line) => said.push(line),
    detail: () => {},
    warn: (message) => said.push(`warning ${message}`),
    error: () => {},
    style: (_style, text) => text,
    quiet: false,
    verbose,
    progress,
  };
  const shown = createProgress(terminal, { clock: () => time, stream });
  return {
    step: (done: number, total: number, after: number, figures?: Record<string, number>) => {
      time += after;
      shown.report({
        kind: "step",
        unit: "epoch",
        done,
        total,
        ...(figures === undefined ? {} : { figures }),
      });
    },
    /** Batch `batch` of ten in the epoch after `epoch` complete ones, of three. */
    batch: (epoch: number, batch: number, after: number) => {
      time += after;
      const part = { unit: "batch", done: batch, total: 10 };
      shown.report({ kind: "step", unit: "epoch", done: epoch + batch / 10, total: 3, part });
    },
    report: shown.report,
    clear: shown.clear,
    said,
    take: () => {
      const text = written;
      written = "";
      return text;
    },
  };
}

describe("on a terminal", () => {
  test("one line, rewritten: count, figures, time left", () => {
    const line = display("line");
    line.step(1, 10, 0);
    expect(line.take()).toBe("\u001b[2K\u001b[1Gepoch 1/10");
    line.step(2, 10, 2000, { loss: 0.41234, accuracy: 0.9 });
    // Eight epochs at two seconds each are left.
    expect(line.take()).toBe("\u001b[2K\u001b[1Gepoch 2/10  loss 0.412  accuracy 0.900  16.0 s left");
  });

  test("at most ten times a second, but always the last step", () => {
    const line = display("line");
    let lines = 0;
    for (let done = 1; done <= 100; done++) {
      line.step(done, 100, 10);
      if (line.take() !== "") lines++;
    }
    // 100 steps of 10 ms are one second: ten lines, give or take the first and the last.
    expect(lines).toBeGreaterThanOrEqual(10);
    expect(lines).toBeLessThanOrEqual(12);
    line.step(100, 100, 1);
    expect(line.take()).toContain("100/100");
  });

  test("one slow step does not shake the estimate", () => {
    const line = display("line");
    for (let done = 0; done <= 4; done++) line.step(done, 10, 1000);
    line.take();
    line.step(5, 10, 60_000);
    expect(line.take()).toContain("5.0 s left");
  });

  test("is cut to the width of the terminal and cleared before other text", () => {
    const line = display("line", 20);
    line.step(1, 10, 0, { something: 123, other: 456 });
    expect(line.take().replace("\u001b[2K\u001b[1G", "")).toHaveLength(19);
    line.report({ kind: "warning", message: "careful" });
    expect(line.take()).toBe("\u001b[2K\u001b[1G");
    expect(line.said).toEqual(["warning careful"]);
    line.clear();
    expect(line.take()).toBe("");
  });
});

describe("before the first epoch is complete", () => {
  test("a terminal shows the batch, and the time left from the batches", () => {
    const line = display("line");
    line.batch(0, 1, 1000);
    expect(line.take()).toContain("epoch 1/3  batch 1/10");
    line.batch(0, 2, 1000);
    expect(line.take()).toContain("epoch 1/3  batch 2/10  28.0 s left");
  });

  test("without one a line comes after some seconds, then few", () => {
    const plain = display("plain");
    for (let batch = 1; batch <= 10; batch++) plain.batch(0, batch, 1000);
    expect(plain.take()).toBe("epoch 1/3  batch 5/10  25.0 s left\n");
    for (let batch = 1; batch <= 10; batch++) plain.batch(1, batch, 3000);
    expect(plain.take().split("\n").length - 1).toBe(1);
  });

  test("quick epochs show no batches without a terminal", () => {
    const plain = display("plain");
    for (let batch = 1; batch <= 9; batch++) plain.batch(0, batch, 10);
    plain.step(1, 3, 10);
    expect(plain.take()).toBe("epoch 1/3\n");
  });

  test("the time left comes from whole epochs once there are any: evaluations take time too", () => {
    const line = display("line");
    for (let batch = 1; batch <= 10; batch++) line.batch(0, batch, 100);
    line.step(1, 3, 5000);
    line.take();
    for (let batch = 1; batch <= 10; batch++) line.batch(1, batch, 100);
    line.step(2, 3, 5000);
    expect(line.take()).toContain("epoch 2/3  6.0 s left");
  });
});

test("verbose: every step on a line that stays, no batch between them", () => {
  for (const kind of ["line", "plain"] as const) {
    const shown = display(kind, 80, true);
    for (let done = 1; done <= 3; done++) shown.step(done, 3, 10);
    expect(shown.take()).toMatch(/^epoch 1\/3\nepoch 2\/3.*\nepoch 3\/3\n$/);
  }
});

test("a terminal that does not know its width has 80 columns", () => {
  const line = display("line", 0);
  line.step(1, 10, 0, { loss: 0.5 });
  expect(line.take()).toContain("epoch 1/10  loss 0.500");
});

describe("without a terminal", () => {
  test("plain lines, at most one per ten seconds, and the last", () => {
    const plain = display("plain");
    for (let done = 1; done <= 30; done++) plain.step(done, 30, 1000);
    const lines = plain.take().trimEnd().split("\n");
    expect(lines.map((text) => text.split(" ")[1])).toEqual(["1/30", "11/30", "21/30", "30/30"]);
    expect(lines.join()).not.toContain("\u001b");
  });

  test("a new phase is named and starts its own estimate", () => {
    const plain = display("plain");
    plain.step(1, 2, 0);
    plain.report({ kind: "phase", name: "calibrating", detail: "chip simulated-1" });
    plain.step(1, 2, 100);
    expect(plain.said).toEqual(["calibrating: chip simulated-1"]);
    expect(plain.take()).toBe("epoch 1/2\nepoch 1/2\n");
  });

  test("nothing at all when progress is off, but warnings", () => {
    const none = display("none");
    none.step(1, 2, 0);
    none.report({ kind: "warning", message: "careful" });
    expect([none.take(), none.said]).toEqual(["", ["warning careful"]]);
  });
});

test.each([
  [0, "0"],
  [12, "12"],
  [0.5, "0.500"],
  [0.0123456, "0.0123"],
  [12.3456, "12.3"],
  [123.456, "123"],
  [1e-7, "1.00e-7"],
  [2.5e7, "2.50e+7"],
  [Number.NaN, "NaN"],
])("%d is shown as %s", (value, text) => {
  expect(shortNumber(value)).toBe(text);
});

test.each([
  [0.04, "0.0 s"],
  [59.9, "59.9 s"],
  [59.96, "1 min 00 s"],
  [125, "2 min 05 s"],
  [4320, "1 h 12 min"],
])("%d seconds are %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
