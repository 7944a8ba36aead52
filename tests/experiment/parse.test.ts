import { describe, expect, test } from "vitest";
import { parseYaml } from "../../src/experiment/parse.ts";
import { fileSource, positionOf } from "../../src/experiment/source.ts";
import { find, keyMark, plainValue, valueMark } from "../../src/experiment/tree.ts";
import { userErrorOf } from "./experiment-files.ts";

const parse = (text: string) => parseYaml(fileSource("/folder/a.yaml", "a.yaml", text));

describe("values", () => {
  test("maps, lists, words, numbers, truth values, nothing", () => {
    const tree = parse("a: [1, 2.5, 1e-3]\nb: { c: word, d: true }\ne:\n");
    expect(plainValue(tree)).toEqual({ a: [1, 2.5, 1e-3], b: { c: "word", d: true }, e: null });
  });

  test("YAML 1.2: yes and 1_000 are words, << is an ordinary key", () => {
    expect(plainValue(parse("a: yes\nb: 1_000\n<<: 3\n"))).toEqual({ a: "yes", b: "1_000", "<<": 3 });
  });

  test("an alias repeats values without sharing them", () => {
    const value = plainValue(parse("a: &x { k: 1 }\nb: *x\n")) as { a: object; b: object };
    expect(value.b).toEqual({ k: 1 });
    expect(value.b).not.toBe(value.a);
  });

  test("keys named like parts of objects are plain keys", () => {
    const value = plainValue(parse("__proto__: { polluted: 1 }\n")) as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(["__proto__"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("marks tell where keys and values stand", () => {
    const tree = parse("a:\n  bb: [x, yy]\n");
    expect(positionOf(keyMark(tree, ["a", "bb"]))).toMatchObject({ line: 2, column: 3, length: 2 });
    expect(positionOf(valueMark(tree, ["a", "bb", 1]))).toMatchObject({ line: 2, column: 11, length: 2 });
    // A default has no place of its own: its map's key stands for it.
    expect(positionOf(valueMark(tree, ["a", "missing"]))).toMatchObject({ line: 1, column: 1 });
    expect(find(tree, ["a", "missing"])).toBeUndefined();
  });
});

describe("mistakes", () => {
  const cases: readonly [name: string, text: string, line: number, column: number, message: RegExp][] = [
    ["duplicate key", "a: 1\nb: 2\na: 3\n", 3, 1, /`a` appears twice/],
    ["tab", "a:\n\tb: 1\n", 2, 1, /tab/],
    ["bad indentation", "a: 1\n b: 2\n", 1, 4, /cannot both stand/],
    ["closing bracket", "a: [1, 2\nb: 3\n", 2, 1, /flow sequence/],
    ["closing quote", 'a: "x\n', 2, 1, /closing "/],
    ["second document", "a: 1\n---\nb: 2\n", 2, 1, /second document/],
    ["unknown alias", "a: *x\n", 1, 4, /no anchor `&x`/],
    ["unknown tag", "a: !!thing 3\n", 1, 4, /tag/],
    ["map as key", "? { a: 1 }\n: 2\n", 1, 1, /plain words/],
    ["infinity", "a: .inf\n", 1, 4, /finite/],
    ["not a number", "a: .nan\n", 1, 4, /finite/],
    ["comments only", "# nothing\n", 1, 1, /comments/],
  ];
  test.each(cases)("%s", (_name, text, line, column, message) => {
    const error = userErrorOf(() => parse(text));
    expect(error.exitCode).toBe(3);
    expect(error.message).toMatch(message);
    expect(error.where).toMatchObject({ file: "a.yaml", line, column });
    expect(error.where?.text).toBe(text.split("\n")[line - 1]);
  });

  test("all mistakes come together, one per line, at most five", () => {
    const error = userErrorOf(() => parse(Array.from({ length: 9 }, () => "a: 1").join("\n")));
    expect([error, ...error.also].map(({ where }) => where?.line)).toEqual([2, 3, 4, 5, 6]);
  });

  test("aliases of aliases do not grow without bound", () => {
    const level = (name: string, inner: string) => `${name}: &${name} [${Array(9).fill(inner).join(", ")}]\n`;
    let text = level("l0", "x");
    for (let i = 1; i < 9; i++) text += level(`l${i}`, `*l${i - 1}`);
    const error = userErrorOf(() => parse(text));
    expect(error.message).toMatch(/more than 10000 values/);
    expect(error.where?.file).toBe("a.yaml");
  });

  test("an alias inside what it repeats ends", () => {
    expect(userErrorOf(() => parse("a: &x [1, *x]\n")).message).toMatch(/inside what it repeats/);
  });

  test.each([60, 50_000])("nesting %d deep is refused", (depth) => {
    const error = userErrorOf(() => parse(`a: ${"[".repeat(depth)}${"]".repeat(depth)}\n`));
    expect(error.message).toMatch(/nested too deeply/);
  });
});
