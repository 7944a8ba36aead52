/** `eventprop doctor`: whether this machine can run the program, and what it would run with. */

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, cpus, freemem } from "node:os";
import type { Command } from "commander";
import { commandLine } from "../core/command-line.ts";
import type { CommandCall } from "./command.ts";
import { table } from "./terminal.ts";

interface DoctorOptions {
  readonly json?: boolean;
}

interface Finding {
  readonly subject: string;
  readonly state: "good" | "note" | "bad";
  readonly detail: string;
}

const UNUSABLE = 1;

export function configure(command: Command): void {
  command
    .option("--json", "print the result as one JSON document on stdout")
    .addHelpText(
      "after",
      "\nThe exit code is 0 if everything works that the program needs, 1 if not. No files are left behind." +
        `\n\nExample:\n  $ ${commandLine("doctor")}`,
    );
}

export async function run({ options, terminal }: CommandCall<DoctorOptions>): Promise<number> {
  const findings = [node(), processors(), memory(), await chip(), folder(), await calibrations()];
  if (options.json === true) terminal.result(JSON.stringify(findings, null, 2));
  else
    for (const line of table(findings.map(({ state, subject, detail }) => [state, subject, detail])))
      terminal.result(line);
  return findings.some(({ state }) => state === "bad") ? UNUSABLE : 0;
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const good = major > 20 || (major === 20 && minor >= 19);
  const detail = `${process.versions.node}, ${process.execPath}${good ? "" : "; 20.19 or later is needed"}`;
  return { subject: "Node", state: good ? "good" : "bad", detail };
}

function processors(): Finding {
  const detail = `${availableParallelism()} usable, ${cpus()[0]?.model ?? "unknown"}; one worker thread each, at most 8`;
  return { subject: "processors", state: "good", detail };
}

/** A worker with the largest chip network stays below this. */
const ROOM = 200e6;

function memory(): Finding {
  const free = freemem();
  const detail = `${(free / 1e9).toFixed(1)} GB free`;
  return { subject: "memory", state: free > ROOM * availableParallelism() ? "good" : "note", detail };
}

/** Opens a simulated chip, which loads and starts the kernel. */
async function chip(): Promise<Finding> {
  try {
    const { openChip } = await import("../chip/index.ts");
    const device = await openChip({ kind: "simulated", seed: 1 });
    const { id } = device.info;
    await device.close();
    return { subject: "simulated chip", state: "good", detail: `${id} opens` };
  } catch (error) {
    return { subject: "simulated chip", state: "bad", detail: String(error) };
  }
}

/** Runs, sweeps and calibrations go below the working folder. */
function folder(): Finding {
  const subject = "this folder";
  try {
    rmSync(mkdtempSync(".eventprop-doctor-"), { recursive: true });
    return { subject, state: "good", detail: "takes run folders and calibrations" };
  } catch (error) {
    const detail = `takes no files: ${(error as Error).message}; work elsewhere, or name places with --out`;
    return { subject, state: "note", detail };
  }
}

async function calibrations(): Promise<Finding> {
  const { SHIPPED_FOLDER } = await import("../calibration/store.ts");
  const subject = "calibrations";
  try {
    const stored = readdirSync(SHIPPED_FOLDER).filter((name) => name.endsWith(".json"));
    return { subject, state: "good", detail: `${stored.length} came with the program` };
  } catch {
    return { subject, state: "note", detail: "none came with the program; chips are measured when needed" };
  }
}
