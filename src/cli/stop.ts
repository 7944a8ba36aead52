/**
 * Signals that end a command early. A run hears them after its batch, writes a checkpoint, and ends with a code that
 * says how: 130 for Ctrl-C, 75 ("queue me again") for the signals by which a cluster, or a session that closes, ends
 * its programs.
 */

import { readFileSync } from "node:fs";
import { basename } from "node:path";

const STOPS = { SIGINT: 130, SIGTERM: 75, SIGHUP: 75, SIGUSR2: 75 } as const;
type StopSignal = keyof typeof STOPS;

export interface Stops {
  readonly requested: () => boolean;
  /** Of a command that ends because of the signal that came. */
  readonly exitCode: () => number;
  /** From here on signals mean what they mean to any program. */
  readonly ignore: () => void;
}

let listening: Stops | undefined;

/**
 * Listens until `ignore` is called, in the place of the listener before.
 * @param first called at the first signal, @param further at each one after it, with the exit code that it asks for
 */
export function listenForStops(first: (code: number) => void, further: (code: number) => void): Stops {
  listening?.ignore();
  let stop: StopSignal | undefined;
  const hear = (signal: NodeJS.Signals): void => {
    if (stop !== undefined) {
      further(STOPS[stop]);
      return;
    }
    stop = signal as StopSignal;
    first(STOPS[stop]);
  };
  const signals = (Object.keys(STOPS) as StopSignal[]).filter(
    (signal) => signal !== "SIGHUP" || !hangupIsIgnored(),
  );
  for (const signal of signals) process.on(signal, hear);
  listening = {
    requested: () => stop !== undefined,
    exitCode: () => STOPS[stop ?? "SIGINT"],
    ignore: () => {
      for (const signal of signals) process.off(signal, hear);
    },
  };
  return listening;
}

const ignoreHangup = (): void => {};

/**
 * Under nohup a hangup does not end the program. Node forgets at its start that the signal was to be ignored, so this
 * has to be said again.
 */
export function keepNohup(): void {
  if (hangupIsIgnored() && process.listenerCount("SIGHUP") === 0) process.on("SIGHUP", ignoreHangup);
}

/**
 * Whether nohup started the program. Node cannot tell, so two traces are looked at: shells name the command that they
 * start in `_`, and nohup at a terminal leaves a standard input that cannot be read.
 */
function hangupIsIgnored(): boolean {
  if (basename(process.env["_"] ?? "") === "nohup") return true;
  try {
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync("/proc/self/fdinfo/0", "utf8"))?.[1] ?? "0";
    const writeOnly = (Number.parseInt(flags, 8) & 3) === 1;
    return writeOnly;
  } catch {
    return false;
  }
}
