/** What a command is: how it declares itself, how it is called. The table of commands stands in commands.ts. */

import type { Command } from "commander";
import type { Terminal } from "./terminal.ts";

/** Flags that every command understands. */
export interface GlobalOptions {
  readonly verbose?: boolean;
  readonly quiet?: boolean;
  readonly allowPlugins?: boolean;
  readonly progress: boolean;
  readonly color: boolean;
}

/** One call of a command: operands in the order of its arguments, flags, and where to write. */
export interface CommandCall<Options> {
  readonly operands: readonly unknown[];
  readonly options: Options & GlobalOptions;
  readonly terminal: Terminal;
  /** The table that the command is in. */
  readonly commands: readonly CommandEntry[];
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
  /** Whether the results are files. Such a command goes on when the reader of its output is gone. */
  readonly writesFiles?: boolean;
  load(): Promise<CommandModule>;
}
