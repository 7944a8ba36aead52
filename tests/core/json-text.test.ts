import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../../src/core/errors.ts";
import { parseJson } from "../../src/core/json-text.ts";

/** Without the null prototype of parsed objects. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("parseJson", () => {
  it("agrees with JSON.parse on everything that JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(plain(parseJson(text, "x.json").value)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("accepts only what JSON.parse accepts", () => {
    const pieces = fc.constantFrom("[", "]", "{", "}", ",", ":", '"a"', "1", "-", ".5", "null", "tru", " ");
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        const text = parts.join("");
        const accepts = (parse: () => unknown): boolean => {
          try {
            parse();
            return true;
          } catch {
            return false;
          }
        };
        expect(accepts(() => parseJson(text, "x.json"))).toBe(accepts(() => JSON.parse(text)));
      }),
      { numRuns: 2000 },
    );
  });

  it("knows where arrays and objects begin", () => {
    const { value, locate } = parseJson('{\n  "a": [\n    [1, 2],\n    [3]\n  ]\n}', "x.json");
    const rows = (value as { a: number[][] }).a;
    expect(locate(rows[1] as object)).toEqual({ file: "x.json", line: 4, column: 5, text: "    [3]" });
    expect(locate(value as object).line).toBe(1);
  });

  it.each([
    ['{\n  "a": [1, 2,]\n}', 2, /^a value is expected, found \]/],
    ['{\n  "a": 1\n  "b": 2\n}', 3, /^"," or "}" is expected/],
    ['{"a": NaN}', 1, /^a finite number is expected, found NaN/],
    ['{"a": -Infinity}', 1, /^a finite number is expected/],
    ['{"a": 1,\n"a": 2}', 2, /^the key "a" appears twice/],
    ["{'a': 1}", 1, /^a string in double quotes is expected/],
    ['{"a": [1, 2', 1, /found the end of the file$/],
    ["", 1, /^a value is expected, found the end of the file$/],
    ["[1] 2", 1, /^the end of the file is expected/],
    ["[".repeat(100_000), 1, /^nested deeper than/],
  ])("says what is wrong and where: %j", (text, line, message) => {
    const error = (() => {
      try {
        return parseJson(text, "x.json");
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).code).toBe("input-file");
    expect((error as UserError).where?.line).toBe(line);
    expect((error as UserError).message).toMatch(message);
  });

  it("keeps __proto__ an ordinary key", () => {
    const { value } = parseJson('{"__proto__": {"x": 1}}', "x.json");
    expect(Object.keys(value as object)).toEqual(["__proto__"]);
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });
});
