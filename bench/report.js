/** `node bench/report.js`: docs/benchmarks.md from bench/results.json. Nothing in it is written by hand. */

import { readFileSync, writeFileSync } from "node:fs";
import { BENCHMARKS } from "./benchmarks.js";
import { rowCells } from "./rows.js";
import { markdown } from "./text-table.js";
import { CHIP_EPOCH_S, CHIP_SAMPLE_US } from "./workload.js";

const results = JSON.parse(readFileSync(new URL("results.json", import.meta.url), "utf8"));

const lines = [
  "# Benchmarks",
  "",
  "<!-- Written by `node bench/report.js` from bench/results.json; edit neither. -->",
  "",
  "`npm run bench` measures all of this again; `npm run bench -- --only forward` one part of it.",
  "",
  "- **CPU** is processor time of the process, all threads; **wall** is what a clock says. Each is the median over",
  "  blocks, with quartiles; **least** is the best block. Variants that are compared take turns block by block.",
  `- **chip's / ours**: how many times faster than the real chip, which emulates a sample in ${CHIP_SAMPLE_US} us and an`,
  `  epoch of 5000 in ${CHIP_EPOCH_S} s, everything around it not counted.`,
  "- **spikes/sample** says how much work there was; cost follows it.",
  "- Times of one core are judged by CPU, those of several threads and of whole commands by wall.",
  "",
];
for (const { name, title } of BENCHMARKS) {
  const result = results[name];
  if (result === undefined) continue;
  lines.push(
    `## ${title}`,
    "",
    ...markdown(rowCells(result.rows)),
    "",
    `${describe(result.environment)}`,
    "",
  );
}
writeFileSync(new URL("../docs/benchmarks.md", import.meta.url), lines.join("\n"));

function describe({ processor, cores, memoryGB, node, commit, date, load }) {
  return `*${processor}, ${cores} cores, ${memoryGB} GB; Node ${node}; ${commit}, ${date.slice(0, 10)}; load ${load}.*`;
}
