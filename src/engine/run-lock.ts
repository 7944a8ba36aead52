/**
 * One writer for a run folder. A process that is going to write leaves a claim: a file whose name no one else uses, with the
 * process, the machine and the start of that process in it. Then it looks for the claims of others. A claim whose
 * process is gone is removed; as its name is unique, no live claim can be removed in its place. Two that claim at the
 * same moment see each other, withdraw, and try again after different times.
 */

import { randomInt } from "node:crypto";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileError, processRuns, writeJson } from "../core/durable-files.ts";
import { UserError } from "../core/errors.ts";

export interface RunLock {
  release(): void;
}

interface Claim {
  readonly process: number;
  readonly host: string;
  /** When the process started, as far as the system tells: tells it from a later one with the same number. */
  readonly processStart: string;
  /** When the folder was claimed. */
  readonly since: string;
  /** Whether the claim was confirmed: no other was there. */
  readonly held: boolean;
}

const CLAIM = /^lock-\d+-\d+\.json$/;
/** Attempts of one that meets others claiming at the same moment, and the longest pause between them. */
const ATTEMPTS = 20;
const PAUSE_MS = 50;

/**
 * Claims `folder` for this process until `release`.
 * @throws UserError("file") when another process writes there, or the folder takes no files
 */
export function lockRun(folder: string): RunLock {
  for (let attempt = 1; ; attempt++) {
    const name = `lock-${process.pid}-${randomInt(2 ** 40)}.json`;
    const path = join(folder, name);
    writeJson(path, claim(false));
    const others = liveClaims(folder, name);
    if (others.length === 0) {
      writeJson(path, claim(true));
      const release = (): void => {
        process.off("exit", release);
        try {
          rmSync(path, { force: true });
        } catch {
          // A claim that stays is that of a process that is gone: the next writer removes it.
        }
      };
      process.on("exit", release);
      return { release };
    }
    rmSync(path, { force: true });
    const [holder] = others.filter(({ held }) => held);
    if (holder !== undefined || attempt === ATTEMPTS) throw inUse(folder, holder ?? others[0]!);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, randomInt(1, PAUSE_MS));
  }
}

/** Whether a process writes to `folder` now; claims of processes that are gone are removed. */
export function isClaimed(folder: string): boolean {
  return liveClaims(folder, "").length > 0;
}

function claim(held: boolean): Claim {
  const since = new Date().toISOString();
  return {
    process: process.pid,
    host: hostname(),
    processStart: processStart(process.pid) ?? "",
    since,
    held,
  };
}

/** Claims of other processes that may still run; removes those of processes that are gone. */
function liveClaims(folder: string, own: string): (Claim & { readonly path: string })[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (cause) {
    throw fileError(folder, cause);
  }
  return names.flatMap((name) => {
    if (!CLAIM.test(name) || name === own) return [];
    const path = join(folder, name);
    const found = readClaim(path);
    if (found === undefined) return [];
    if (found.host === hostname() && isGone(found)) {
      rmSync(path, { force: true });
      return [];
    }
    return [{ ...found, path }];
  });
}

/** Undefined when it was withdrawn in the meantime. A claim that cannot be understood counts as one of somebody. */
function readClaim(path: string): Claim | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Claim;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    return { process: 0, host: "unknown", processStart: "", since: "unknown", held: true };
  }
}

function isGone({ process: id, processStart: start }: Claim): boolean {
  if (!processRuns(id)) return true;
  const now = processStart(id);
  return now !== undefined && start !== "" && now !== start;
}

/** Boot and start time of a process in clock ticks, on Linux; undefined elsewhere. */
function processStart(id: number): string | undefined {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const status = readFileSync(`/proc/${id}/stat`, "utf8");
    // The second field is the program's name in parentheses, which may hold anything; the start is the 22nd field.
    const fields = status.slice(status.lastIndexOf(")") + 2).split(" ");
    return `${boot} ${fields[19]}`;
  } catch {
    return undefined;
  }
}

function inUse(
  folder: string,
  { process: id, host, since, path }: Claim & { readonly path: string },
): UserError {
  const here = host === hostname();
  return new UserError("file", `${folder} is in use by process ${id} on ${host} since ${since}`, {
    hint: here
      ? "wait until it has ended, or end it"
      : `if that process is gone, which cannot be seen from this machine, remove ${path}`,
  });
}
