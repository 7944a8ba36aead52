import { describe, expect, test } from "vitest";
import { applyOverride } from "../../src/experiment/overrides.ts";
import { parseYaml } from "../../src/experiment/parse.ts";
import { fileSource, positionOf } from "../../src/experiment/source.ts";
import { find, type MapNode, plainValue, valueMark } from "../../src/experiment/tree.ts";
import { userErrorOf } from "./experiment-files.ts";

const BASE = "a: { b: 1, c: [10, { d: 2 }] }\nkinded: { kind: x, only: 1 }\n";
const base = () => parseYaml(fileSource("/f/a.yaml", "a.yaml", BASE)) as MapNode;
const set = (text: string) => applyOverride(base(), text, "--set #1", "/work");
const valueAfter = (text: string) => plainValue(set(text)) as { a: unknown; kinded: unknown };

describe("--set", () => {
  test.each([
    ["a.b=5", { b: 5, c: [10, { d: 2 }] }],
    ["a.b=6 us", { b: "6 us", c: [10, { d: 2 }] }],
    ["a.b = true", { b: true, c: [10, { d: 2 }] }],
    ["a.c[0]=7", { b: 1, c: [7, { d: 2 }] }],
    ["a.c[1].d=x", { b: 1, c: [10, { d: "x" }] }],
    ["a.c=[1]", { b: 1, c: [1] }],
    ["a={b: 2}", { b: 2, c: [10, { d: 2 }] }],
    ["a.new.deep=1", { b: 1, c: [10, { d: 2 }], new: { deep: 1 } }],
    ["a.x>y=1", { b: 1, c: [10, { d: 2 }], "x>y": 1 }],
    ["~a.b", { c: [10, { d: 2 }] }],
    ["~a.c[0]", { b: 1, c: [{ d: 2 }] }],
  ])("%s", (text, expected) => {
    expect(valueAfter(text).a).toEqual(expected);
  });

  test("an empty value is no value", () => {
    expect(valueAfter("a.b=").a).toMatchObject({ b: null });
  });

  test("another kind marks what it inherits", () => {
    const changed = set("kinded.kind=y");
    expect(find(changed, ["kinded", "only"])?.entry?.inherited).toBe(true);
  });

  test("values point into the text of the flag", () => {
    expect(positionOf(valueMark(set("a.b=5"), ["a", "b"]))).toMatchObject({
      file: "--set #1",
      line: 1,
      column: 5,
      text: "a.b=5",
    });
  });

  test.each([
    ["a.b", 1, /path=value/],
    ["=3", 1, /path=value/],
    ["a..b=1", 3, /name or \[number\]/],
    ["a[x]=1", 2, /name or \[number\]/],
    ["a.c[9]=1", 4, /`a\.c` has 2 entries/],
    ["a.b.x=1", 5, /`a\.b` has no parts/],
    ["a.c.x=1", 5, /`a\.c` is a list/],
    ["a[0]=1", 2, /`a` is not a list/],
    ["~a.zzz", 4, /no `a\.zzz` to remove/],
    ["a.b=[1", 7, /flow sequence/],
  ])("%s is refused", (text, column, message) => {
    const error = userErrorOf(() => set(text));
    expect(error.exitCode).toBe(3);
    expect(error.message).toMatch(message);
    expect(error.where).toMatchObject({ file: "--set #1", line: 1, column });
  });
});
