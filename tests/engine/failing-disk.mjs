/**
 * A disk that reports errors: loaded into the program (`node --import`), it lets one file operation below a folder fail,
 * and all later changes too where the disk stays full or read-only.
 *
 *     FAILING_DISK={"root": "/folder", "at": 7, "code": "ENOSPC", "stays": true, "count": "/file"}
 *
 * Operations are counted from 1. At the end their number is written to `count`.
 */

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { resolve } from "node:path";

const { root, at, code, stays, count } = JSON.parse(process.env.FAILING_DISK);
const original = { ...fs };
const opened = new Set();
let operations = 0;

function failing(name, isBelow) {
  fs[name] = (...args) => {
    if (isBelow(args)) {
      operations++;
      if (operations === at || (stays && operations > at && name !== "readFileSync"))
        throw Object.assign(new Error(`${code}: injected, ${name}`), { code, syscall: name, errno: -1 });
    }
    const result = original[name](...args);
    if (name === "openSync" && isBelow(args)) opened.add(result);
    return result;
  };
}

const isInside = (place) => typeof place === "string" && resolve(place).startsWith(root);
// A link has its own place second.
const path = ([first, second]) => isInside(first) || isInside(second);
const descriptor = ([file]) => opened.has(file) || path([file]);
for (const name of [
  "openSync",
  "mkdirSync",
  "mkdtempSync",
  "renameSync",
  "rmSync",
  "readdirSync",
  "symlinkSync",
])
  failing(name, path);
for (const name of [
  "writeFileSync",
  "writeSync",
  "fsyncSync",
  "ftruncateSync",
  "readFileSync",
  "appendFileSync",
])
  failing(name, descriptor);
syncBuiltinESMExports();
process.on("exit", () => original.writeFileSync(count, String(operations)));
