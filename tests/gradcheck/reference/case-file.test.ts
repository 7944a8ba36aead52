import { describe, expect, it } from "vitest";
import { parseCases } from "../../../src/gradcheck/reference/case-file.ts";
import { userErrorOf } from "../../engine/temporary-folder.ts";
import { caseFile, SMALL_CASE } from "./small-case.ts";

function complaint(text: string): string {
  const error = userErrorOf(() => parseCases(text, "cases.json"));
  expect(error.code).toBe("input-file");
  expect(error.where?.file).toBe("cases.json");
  return error.message;
}

/** The complaint about a case with some of its values replaced. */
function about(changes: Record<string, unknown>): string {
  return complaint(caseFile((one) => ({ ...one, ...changes })));
}

describe("a case file", () => {
  it("is read with all its shapes", () => {
    const [one] = parseCases(caseFile(), "cases.json");
    expect(one).toMatchObject({ name: "one neuron", inputs: 1, duration: 30 });
    expect(one?.events).toEqual([{ time: 0, source: 0 }]);
    expect(one?.plastic).toEqual([[true], [false]]);
  });

  it("has its input events sorted by time", () => {
    const text = caseFile((one) => ({
      ...one,
      inputEvents: [
        [5, 0],
        [1, 0],
      ],
    }));
    expect(parseCases(text, "f")[0]?.events.map(({ time }) => time)).toEqual([1, 5]);
  });

  it("that is empty or something else is refused", () => {
    expect(complaint("")).toMatch(/value is expected/);
    expect(complaint("[]")).toMatch(/an object is expected, found an array/);
    expect(complaint("{}")).toBe('the key "cases" is missing');
    expect(complaint('{"cases":[]}')).toMatch(/cases: there is no case, so nothing would be checked/);
  });

  it("names the path of the wrong entry", () => {
    expect(about({ sources: 0 })).toBe("cases[0].sources: an integer from 1 to 10000 is expected, found 0");
    expect(about({ neurons: [] })).toMatch(/^cases\[0\]\.neurons: 1 to 500 neurons are expected, found 0/);
    expect(about({ weights: [[1]] })).toBe("cases[0].weights: 2 entries are expected, found 1");
    expect(about({ weights: [[1, 2], [0]] })).toBe("cases[0].weights[0]: 1 entries are expected, found 2");
    expect(about({ mask: [[1], [2]] })).toBe(
      "cases[0].mask[1][0]: an integer from 0 to 1 is expected, found 2",
    );
    expect(about({ inputEvents: [[1]] })).toMatch(/^cases\[0\]\.inputEvents\[0\]: 2 entries/);
    expect(about({ inputEvents: [[1, 1]] })).toMatch(
      /inputEvents\[0\]\[1\]: an integer from 0 to 0 is expected/,
    );
    expect(about({ duration: 0 })).toMatch(/^cases\[0\]\.duration: a number above 0/);
    expect(about({ expected: { ...SMALL_CASE.expected, gradient: [[0], ["0"]] } })).toBe(
      'cases[0].expected.gradient[1][0]: a finite number is expected, found "0"',
    );
  });

  it("says which line, and what a misspelt key may be", () => {
    const text = JSON.stringify({ cases: [{ ...SMALL_CASE, mask: undefined, masks: [] }] }, null, 2);
    const error = userErrorOf(() => parseCases(text, "cases.json"));
    expect(error.message).toBe('cases[0]: the key "mask" is missing');
    expect(error.hint).toBe('is "masks" meant?');
    expect(error.where).toMatchObject({ line: 3, column: 5 });
  });

  it("refuses weights that overflow a double", () => {
    const text = caseFile().replace(String(1.1 * Math.E), "1e999");
    expect(complaint(text)).toBe(
      "cases[0].weights[0][0]: a finite number is expected, found a number too large for a double",
    );
  });

  it("refuses neurons that cannot be", () => {
    const [neuron] = SMALL_CASE.neurons;
    expect(about({ neurons: [{ ...neuron, taum: -6 }] })).toMatch(/neurons\[0\]\.taum: a number above 0/);
    expect(about({ neurons: [{ ...neuron, reset: 1 }] })).toMatch(
      /a reset below the threshold 1 is expected/,
    );
    expect(about({ neurons: [{ ...neuron, tref: -1 }] })).toMatch(
      /neurons\[0\]\.tref: a number of at least 0/,
    );
  });

  it("refuses losses that cannot be evaluated", () => {
    expect(about({ loss: { kind: "mse" } })).toMatch(/loss\.kind: there is no loss "mse"/);
    expect(about({ loss: { kind: "spike-times", terms: [] } })).toMatch(/without terms has no gradient/);
    expect(about({ loss: { kind: "spike-times", terms: [[0, 1, 1]] } })).toMatch(
      /term 0 reads spike 1 of neuron 0, which is expected to spike 1 times/,
    );
    expect(about({ loss: { kind: "voltage-at", terms: [[0, 30, 1]] } })).toMatch(
      /a time before the end, 30 us/,
    );
    const maximum = { kind: "max-over-time-cross-entropy", scale: 1, label: 0 };
    expect(about({ loss: { ...maximum, neurons: [0, 0] } })).toMatch(/none twice/);
    expect(about({ loss: { ...maximum, neurons: [0], label: 1 } })).toMatch(
      /loss\.label: an integer from 0 to 0/,
    );
  });
});
