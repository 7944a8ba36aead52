/** The built program as a child process, for tests: `npm run build` first. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../../bin/eventprop.js", import.meta.url));
const BUILT = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CallOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds after which the program is ended, with code null; 60 s when absent. */
  readonly timeout?: number;
}

/** Runs `eventprop` with these arguments to its end. */
export function eventprop(args: readonly string[], options: CallOptions = {}): Outcome {
  const { timeout = 60_000 } = options;
  const { status, stdout, stderr } = spawnSync(process.execPath, [built(), ...args], {
    encoding: "utf8",
    timeout,
    ...surroundings(options),
  });
  return { code: status, stdout, stderr };
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
}

/** Starts `eventprop`; what it says comes when it has ended. */
export function startEventprop(args: readonly string[], options: CallOptions = {}): Started {
  const { timeout = 60_000 } = options;
  const child = spawn(process.execPath, [built(), ...args], { timeout, ...surroundings(options) });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Outcome>((resolve) => {
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}

function built(): string {
  if (!existsSync(BUILT)) throw new Error("the program is not built: npm run build");
  return BIN;
}

/** Color is the test's choice, not that of the terminal it runs in. */
function surroundings({ cwd, env = {} }: CallOptions) {
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env;
  return { env: { ...inherited, ...env }, ...(cwd === undefined ? {} : { cwd }) };
}
