/**
 * Entry of the program: finds the command, loads only its module, and turns whatever goes wrong into a message
 * and an exit code (docs/errors.md). Imports nothing heavy: `eventprop --help` must answer at once.
 */

import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { UserError } from "../core/errors.ts";
import type { CommandEntry, GlobalOptions } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { createTerminal } from "./terminal.ts";

const USAGE = 2;
const BUG = 1;

/** Runs the program on the arguments after its name; returns the exit code. Never throws. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--no-color")) {
    process.env["NO_COLOR"] = "1";
    delete process.env["FORCE_COLOR"];
  }
  leaveQuietlyWhenReaderLeft();
  let code = 0;
  try {
    const program = await createProgram(args, (result) => {
      code = result;
    });
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    return explain(error);
  }
}

async function createProgram(args: readonly string[], done: (code: number) => void): Promise<Command> {
  const program = new Command("eventprop")
    .description("Trains spiking networks in the loop with analog neuromorphic hardware, simulated.")
    .version(version(), "--version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .option("-v, --verbose", "say more; repeatable", (_, previous: number) => previous + 1, 0)
    .option("-q, --quiet", "only results, warnings and errors")
    .option("--no-color", "no colours")
    .option("--no-progress", "no progress line")
    .addHelpText("after", "\nA first run:\n  $ eventprop train experiments/smoke.yaml")
    .showHelpAfterError("(eventprop --help lists commands and options)")
    .exitOverride();
  const called = calledCommand(args);
  for (const entry of COMMANDS) await addCommand(program, entry, entry.name === called, done);
  return program;
}

async function addCommand(
  program: Command,
  entry: CommandEntry,
  called: boolean,
  done: (code: number) => void,
): Promise<void> {
  const command = program.command(entry.name).description(entry.summary);
  if (!called) return;
  const module = await entry.load();
  command.showHelpAfterError(`(eventprop ${entry.name} --help tells more)`);
  module.configure(command);
  command.action(async () => {
    const options = command.optsWithGlobals<GlobalOptions>();
    const terminal = createTerminal({ quiet: options.quiet === true, progress: options.progress });
    const call = { operands: command.processedArgs, options, terminal };
    done(await module.run(call as never));
  });
}

/** The command that the arguments name, also in `help <command>`; global flags may come first. */
function calledCommand(args: readonly string[]): string | undefined {
  const words = args.filter((arg) => !arg.startsWith("-"));
  return words[0] === "help" ? words[1] : words[0];
}

function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/** Says on stderr what happened; returns the exit code. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  if (error instanceof UserError) {
    createTerminal({ quiet: false, progress: false }).error(error);
    return error.exitCode;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `${stack}\n\nThis is a bug in eventprop, not in your input. Please report it with the lines above.\n`,
  );
  return BUG;
}

let watched = false;

/** `eventprop list losses | head -1` must not end in a stack: a closed pipe ends the program quietly. */
function leaveQuietlyWhenReaderLeft(): void {
  if (watched) return;
  watched = true;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit(0);
    });
  }
}
