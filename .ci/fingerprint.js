// Prints what short trainings come to, as hashes: they must be the same under every version of Node and on every
// machine. One line each; the first lines name the elementary functions of the engine, so that a difference in a
// training can be traced to one of them. Usage: node .ci/fingerprint.js (of a built program).

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { power, stream } from "../dist/bench/parts.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const hash = (content) => createHash("sha256").update(content).digest("hex").slice(0, 16);

/** Every elementary function that src uses, with a range in which it is used. */
const FUNCTIONS = {
  exp: (u) => Math.exp(80 * (u - 0.5)),
  expm1: (u) => Math.expm1(8 * (u - 0.5)),
  log: (u) => Math.log(100 * u),
  log1p: (u) => Math.log1p(4 * u - 0.99),
  sin: (u) => Math.sin(2 * Math.PI * u),
  cos: (u) => Math.cos(2 * Math.PI * u),
  power: (u) => power(1000 * u, 6 * (u - 0.5)),
};
for (const [name, evaluate] of Object.entries(FUNCTIONS)) {
  const draws = stream(1, `fingerprint/${name}`);
  const values = Float64Array.from({ length: 50_000 }, () => evaluate(draws.uniform()));
  console.log(`function ${name} ${hash(values)}`);
}

/** Software, a schedule with powers, and a simulated chip with its laws. */
const TRAININGS = [
  ["yin-yang-software", ["training.epochs=4", "data.trainSize=1000"]],
  ["wunderlich-pehle", ["training.epochs=3", "data.trainSize=300"]],
  ["smoke", []],
];
const folder = mkdtempSync(join(tmpdir(), "eventprop-fingerprint-"));
try {
  for (const [name, set] of TRAININGS) {
    const out = join(folder, name);
    const args = ["train", `experiments/${name}.yaml`, "--out", out, "--quiet", ...set.flatMap((one) => ["--set", one])];
    const done = spawnSync(process.execPath, ["bin/eventprop.js", ...args], { cwd: root, encoding: "utf8" });
    if (done.status !== 0) throw new Error(`train ${name} ended with ${done.status}: ${done.stderr}`);
    console.log(`training ${name} ${hash(readFileSync(join(out, "weights.json")))} ${hash(withoutTimes(out))}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** metrics.csv without the columns that are measured times. */
function withoutTimes(out) {
  const rows = readFileSync(join(out, "metrics.csv"), "utf8").split("\n").map((line) => line.split(","));
  const kept = rows[0].map((name) => !/_ms$|time/.test(name));
  return rows.map((row) => row.filter((_, column) => kept[column]).join(",")).join("\n");
}
