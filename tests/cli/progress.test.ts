import { describe, expect, test } from "vitest";
import { createProgress, duration, shortNumber } from "../../src/cli/progress.ts";
import type { Terminal } from "../../src/cli/terminal.ts";

/** A display on a fake stream with a clock that the test turns. */
function display(progress: Terminal["progress"], columns = 80) {
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
    warn: (message) => said.push(`warning ${message}`),
    error: () => {},
    style: (_style, text) => text,
    quiet: false,
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
