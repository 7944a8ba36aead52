/**
 * `npm run bench [-- --only name] [--quick]`: runs the table of benchmarks, prints what it measures, and keeps
 * it in bench/results.json. `--only` replaces that part of the results and leaves the rest; `--quick` shows that
 * everything works and is not kept.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { BENCHMARKS } from "./benchmarks.js";
import { environment } from "./environment.js";
import { workFolder } from "./program.js";
import { rowCells } from "./rows.js";
import { columns } from "./text-table.js";

const RESULTS = new URL("results.json", import.meta.url);

const { only = [], quick } = parseArgs({
  options: { only: { type: "string", multiple: true }, quick: { type: "boolean", default: false } },
}).values;
const unknown = only.filter((name) => !BENCHMARKS.some((each) => each.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `no benchmark ${unknown.join(", ")}; there are ${BENCHMARKS.map(({ name }) => name).join(", ")}\n`,
  );
  process.exit(2);
}

// Calibrations that are not shipped are measured once, and kept here for the commands that are started.
const folder = workFolder();
process.chdir(folder);
const results = stored();
for (const { name, title, load } of BENCHMARKS) {
  if (only.length > 0 && !only.includes(name)) continue;
  process.stdout.write(`\n${title} (${name})\n`);
  const { run } = await load();
  const rows = await run({ quick, folder });
  for (const line of columns(rowCells(rows))) process.stdout.write(`  ${line}\n`);
  if (quick) continue;
  results[name] = { environment: environment(), rows };
  writeFileSync(RESULTS, `${JSON.stringify(rounded(results), null, 1)}\n`);
}

function stored() {
  try {
    return JSON.parse(readFileSync(RESULTS, "utf8"));
  } catch {
    return {};
  }
}

/** Four digits are more than any of it is worth. */
function rounded(value) {
  if (typeof value === "number") return Number.isInteger(value) ? value : Number(value.toPrecision(4));
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, rounded(each)]));
}
