import { describe, expect, test } from "vitest";
import { parseYaml } from "../../src/experiment/parse.ts";
import { fileSource } from "../../src/experiment/source.ts";
import {
  find,
  merge,
  pathText,
  plainValue,
  pointerPath,
  valueMark,
  without,
} from "../../src/experiment/tree.ts";

const tree = (text: string, name = "a.yaml") => parseYaml(fileSource(`/f/${name}`, name, text));

describe("merge", () => {
  test("maps key by key, lists and single values as a whole", () => {
    const merged = merge(tree("a: { b: 1, c: 2 }\nd: [1, 2]\ne: x\n"), tree("a: { c: 3 }\nd: [9]\n"));
    expect(plainValue(merged)).toEqual({ a: { b: 1, c: 3 }, d: [9], e: "x" });
  });

  test("each value remembers its file", () => {
    const merged = merge(tree("a: { b: 1, c: 2 }\n", "base.yaml"), tree("a: { c: 3 }\n", "own.yaml"));
    expect(valueMark(merged, ["a", "b"]).source.name).toBe("base.yaml");
    expect(valueMark(merged, ["a", "c"]).source.name).toBe("own.yaml");
  });

  test("is associative on plain values", () => {
    const [a, b, c] = ["x: { p: 1, q: 1 }\n", "x: { q: 2, r: 2 }\n", "x: { r: 3 }\ny: 3\n"].map((t) =>
      tree(t),
    );
    const left = merge(merge(a as never, b as never), c as never);
    const right = merge(a as never, merge(b as never, c as never));
    expect(plainValue(left)).toEqual(plainValue(right));
  });

  test("options inherited by another kind are marked, those of the same kind are not", () => {
    const base = tree("chip: { kind: simulated, seed: 3 }\n");
    const other = merge(base, tree("chip: { kind: software }\n"));
    expect(find(other, ["chip", "seed"])?.entry?.inherited).toBe(true);
    const same = merge(base, tree("chip: { kind: simulated }\n"));
    expect(find(same, ["chip", "seed"])?.entry?.inherited).toBeUndefined();
  });
});

test("without removes one entry and leaves the original", () => {
  const whole = tree("a: [{ b: 1, c: 2 }, 5]\n");
  expect(plainValue(without(whole, ["a", 0, "b"]))).toEqual({ a: [{ c: 2 }, 5] });
  expect(plainValue(without(whole, ["a", 1]))).toEqual({ a: [{ b: 1, c: 2 }] });
  expect(plainValue(without(whole, ["x", "y"]))).toEqual(plainValue(whole));
  expect(plainValue(whole)).toEqual({ a: [{ b: 1, c: 2 }, 5] });
});

test("paths as people write them, and as pointers", () => {
  expect(pathText(["network", "populations", "hidden"])).toBe("network.populations.hidden");
  expect(pathText(["regularizers", 0, "strength"])).toBe("regularizers[0].strength");
  expect(pathText([])).toBe("the experiment");
  expect(pointerPath("/network/projections/a~1b~0c/0")).toEqual(["network", "projections", "a/b~c", "0"]);
});
