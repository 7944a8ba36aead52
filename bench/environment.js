/** Where and when a benchmark ran: without it a figure says nothing. */

import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

export function environment() {
  return {
    processor: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    commit: commit(),
    date: new Date().toISOString(),
    /** Processes that wanted to run in the last minute, ourselves among them. */
    load: Math.round(10 * loadavg()[0]) / 10,
  };
}

/** With a plus sign when compiled files differ from it. */
function commit() {
  const git = (...words) =>
    execFileSync("git", words, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  try {
    const changed = git("status", "--porcelain", "--", "src", "assembly").trim() !== "";
    return git("rev-parse", "--short", "HEAD").trim() + (changed ? "+" : "");
  } catch {
    return "unknown";
  }
}
