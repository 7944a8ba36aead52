/** The program as its users start it: a process of its own, from pressing enter to its end. */

import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../bin/eventprop.js", import.meta.url));
const USAGE = new URL("exit-usage.js", import.meta.url).href;

/** An empty folder to run in. */
export function workFolder() {
  return mkdtempSync(join(tmpdir(), "eventprop-bench-"));
}

/**
 * Runs `eventprop …args` in `folder`.
 *
 * @param measured false: nothing is loaded into the process, so only wall time is known
 * @returns wall and cpu in s, peakMB of memory, and when it was started
 */
export async function runProgram(args, folder, measured = true) {
  const node = measured ? ["--import", USAGE, PROGRAM] : [PROGRAM];
  const started = Date.now();
  const start = performance.now();
  const child = spawn(process.execPath, [...node, ...args], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  const [errors, usage] = [child.stdio[2], child.stdio[3]].map(collect);
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const wall = (performance.now() - start) / 1000;
  if (code !== 0) throw new Error(`eventprop ${args.join(" ")} ended with ${code}:\n${errors.text}`);
  return { started, wall, ...(measured ? JSON.parse(usage.text) : {}) };
}

function collect(stream) {
  const collected = { text: "" };
  stream.setEncoding("utf8").on("data", (chunk) => {
    collected.text += chunk;
  });
  return collected;
}
