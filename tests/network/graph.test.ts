import { describe, expect, test } from "vitest";
import { stagesOf } from "../../src/network/graph.ts";
import { buildNetwork } from "../../src/network/network.ts";
import { lif } from "./samples.ts";

function stages(names: string, ...arrows: string[]): string[] {
  const network = buildNetwork(
    1,
    [...names].map((name) => lif(name, 2)),
    arrows.map((arrow) => ({ from: arrow[0] === "i" ? "input" : arrow[0]!, to: arrow[1]!, rows: 1 })),
    10,
  );
  return stagesOf(network).map(
    ({ populations, recurrent }) => populations.map(({ name }) => name).join("") + (recurrent ? "*" : ""),
  );
}

describe("stagesOf", () => {
  test("layers come in the order of the flow, not of the file", () => {
    expect(stages("cba", "ia", "ab", "bc")).toEqual(["a", "b", "c"]);
  });

  test("a population that acts on itself is recurrent", () => {
    expect(stages("ab", "ia", "aa", "ab")).toEqual(["a*", "b"]);
  });

  test("populations on a loop are one stage, what follows is another", () => {
    expect(stages("abcd", "ia", "ab", "bc", "ca", "cd")).toEqual(["abc*", "d"]);
  });

  test("a loop waits for what feeds it", () => {
    expect(stages("abc", "ic", "ca", "ab", "ba")).toEqual(["c", "ab*"]);
  });

  test("populations without any projection have their turn", () => {
    expect(stages("ab")).toEqual(["a", "b"]);
  });
});
