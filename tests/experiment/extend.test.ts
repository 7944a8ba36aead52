import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readExtended } from "../../src/experiment/extend.ts";
import { plainValue, valueMark } from "../../src/experiment/tree.ts";
import { experimentFiles, userErrorOf } from "./experiment-files.ts";

const files = experimentFiles();
const read = (name: string) => readExtended(join(files.folder, name), name).root;

describe("extends", () => {
  test("the base first, then the file; `extends` itself is gone", () => {
    files.write("base.yaml", "a: { x: 1, y: 2 }\nlist: [1, 2]\n");
    files.write("own.yaml", "extends: base.yaml\na: { y: 3 }\nlist: [4]\n");
    expect(plainValue(read("own.yaml"))).toEqual({ a: { x: 1, y: 3 }, list: [4] });
  });

  test("of several bases the later wins", () => {
    files.write("b1.yaml", "v: 1\nw: 1\n");
    files.write("b2.yaml", "v: 2\n");
    files.write("both.yaml", "extends: [b1.yaml, b2.yaml]\nx: 0\n");
    expect(plainValue(read("both.yaml"))).toEqual({ v: 2, w: 1, x: 0 });
  });

  test("paths are relative to the file that names them; a base may be reached twice", () => {
    mkdirSync(join(files.folder, "sub"));
    files.write("root.yaml", "r: 1\n");
    files.write("sub/middle.yaml", "extends: ../root.yaml\nm: 1\n");
    files.write("top.yaml", "extends: [sub/middle.yaml, root.yaml]\n");
    const tree = read("top.yaml");
    expect(plainValue(tree)).toEqual({ r: 1, m: 1 });
    expect(valueMark(tree, ["m"]).source.folder).toBe(join(files.folder, "sub"));
  });

  test("a circle is named", () => {
    files.write("c1.yaml", "extends: c2.yaml\n");
    files.write("c2.yaml", "v: 1\nextends: c1.yaml\n");
    const error = userErrorOf(() => read("c1.yaml"));
    expect(error.message).toMatch(/circle: .*c1\.yaml → .*c2\.yaml → .*c1\.yaml/);
    expect(error.where).toMatchObject({ line: 2, column: 10 });
  });

  test("a file that extends itself is a circle", () => {
    files.write("self.yaml", "extends: self.yaml\n");
    expect(userErrorOf(() => read("self.yaml")).message).toMatch(/circle/);
  });

  test("a missing base is reported where it is named, with the likely file", () => {
    files.write("wants.yaml", "v: 1\nextends: bases.yaml\n");
    const error = userErrorOf(() => read("wants.yaml"));
    expect(error.where).toMatchObject({ file: "wants.yaml", line: 2, column: 10, length: 10 });
    expect(error.message).toMatch(/there is no such file/);
    expect(error.hint).toBe("did you mean `base.yaml`?");
  });

  test.each(["extends: 3\n", "extends: { a: 1 }\n", "extends: [[a]]\n", 'extends: ""\n'])(
    "%s is refused",
    (text) => {
      files.write("odd.yaml", text);
      expect(userErrorOf(() => read("odd.yaml")).message).toMatch(/a file or a list of files/);
    },
  );
});
