/**
 * The table of commands. Adding one is one module and one line here.
 *
 * A module is loaded only when its command is called, so `eventprop --help` stays fast; `configure` must not
 * pull heavy imports either: a command's options are known before its work is loaded.
 */

import type { Command } from "commander";
import type { Terminal } from "./terminal.ts";

/** Flags that every command understands. */
export interface GlobalOptions {
  readonly verbose?: number;
  readonly quiet?: boolean;
  readonly progress: boolean;
  readonly color: boolean;
}

/** One call of a command: operands in the order of its arguments, flags, and where to write. */
export interface CommandCall<Options> {
  readonly operands: readonly unknown[];
  readonly options: Options & GlobalOptions;
  readonly terminal: Terminal;
}

export interface CommandModule {
  /** Declares arguments, options and help; the help ends with an example. */
  configure(command: Command): void;
  /** Does the work and returns the exit code. User errors are thrown. */
  run(call: CommandCall<never>): Promise<number>;
}

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<CommandModule>;
}

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "train",
    summary: "train a network, in software or in the loop with a chip",
    load: () => import("./train.ts"),
  },
  {
    name: "emulate",
    summary: "run given weights on given input spikes",
    load: () => import("./emulate.ts"),
  },
  {
    name: "inspect",
    summary: "what a network needs of a chip, before anything runs",
    load: () => import("./inspect.ts"),
  },
  {
    name: "validate",
    summary: "check experiment files; touches nothing",
    load: () => import("./validate.ts"),
  },
  {
    name: "config",
    summary: "print an experiment with everything filled in",
    load: () => import("./config.ts"),
  },
  { name: "list", summary: "what can be named in an experiment", load: () => import("./list.ts") },
  {
    name: "schema",
    summary: "JSON schema of experiment files, for editors",
    load: () => import("./schema.ts"),
  },
];
