/**
 * Entry of the program: finds the command, loads only its module, and turns whatever goes wrong into a message
 * and an exit code (docs/errors.md). Imports nothing heavy: `--help` must answer at once.
 */

import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Command, CommanderError, Option } from "commander";
import { commandLine, PROGRAM } from "../core/command-line.ts";
import { EXIT_CODE, UserError, unplacedFileError } from "../core/errors.ts";
import { packagePath } from "../core/package-folder.ts";
import { allowPlugins } from "../core/plugin-permission.ts";
import type { CommandEntry, GlobalOptions } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { harmless, hasResult, stdoutFailure, watchOutput, writeResult, writeTalk } from "./output.ts";
import { keepNohup, listenForStops } from "./stop.ts";
import { createTerminal } from "./terminal.ts";

const USAGE = 2;
const BUG = 1;
/** The exit code of a program that SIGPIPE ended: the reader of stdout left before the end. */
const READER_LEFT = 141;

/** Runs the program on the arguments after its name; returns the exit code. Never throws. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--no-color")) {
    process.env["NO_COLOR"] = "1";
    delete process.env["FORCE_COLOR"];
  }
  const writesFiles = COMMANDS.find(({ name }) => name === calledCommand(args))?.writesFiles === true;
  // A command without files has no use when its reader is gone.
  watchOutput(() => {
    if (!writesFiles) process.exit(READER_LEFT);
  });
  keepNohup();
  const code = await runCommand(args);
  const failure = await stdoutFailure();
  if (failure === undefined || code !== 0) return code;
  if (failure === "reader left") return writesFiles ? code : READER_LEFT;
  writeTalk(`error: the result cannot be written to standard output: ${failure.reason}\n`);
  return EXIT_CODE.file;
}

async function runCommand(args: readonly string[]): Promise<number> {
  const json = args.includes("--json");
  // Without it a signal ends the program at once, as it does any other.
  const stops = json
    ? listenForStops((exitCode) => process.exit(interrupted(exitCode)), process.exit)
    : undefined;
  let code = 0;
  try {
    const program = await createProgram(args, (result) => {
      code = result;
    });
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    return explain(error, json);
  } finally {
    stops?.ignore();
  }
}

async function createProgram(args: readonly string[], done: (code: number) => void): Promise<Command> {
  const program = new Command(PROGRAM)
    .configureOutput({
      writeOut: (text) => writeResult(harmless(text)),
      writeErr: (text) => writeTalk(harmless(text)),
    })
    .description("Trains spiking networks in the loop with analog neuromorphic hardware, simulated.")
    .version(version(), "--version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .option(
      "-v, --verbose",
      "every step on a line of its own, the program, the time it took, causes of errors",
    )
    .addOption(new Option("-q, --quiet", "print only results, warnings and errors").conflicts("verbose"))
    .option("--no-color", "do not use colors")
    .option("--allow-plugins", "run the programs that an experiment names under `plugins`")
    .option("--no-progress", "do not show a progress line")
    .addHelpText("after", `\nA first run:\n  $ ${commandLine("train", "experiments/smoke.yaml")}`)
    .showHelpAfterError(`(${commandLine("--help")} lists commands and options)`)
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
  command.showHelpAfterError(`(${commandLine(entry.name, "--help")} tells more)`);
  module.configure(command);
  command.action(async () => {
    const options = command.optsWithGlobals<GlobalOptions>();
    const { quiet = false, verbose = false, progress } = options;
    if (options.allowPlugins === true) allowPlugins();
    const terminal = createTerminal({ quiet, verbose, progress });
    const call = { operands: command.processedArgs, options, terminal, commands: COMMANDS };
    const start = performance.now();
    terminal.detail(
      `${PROGRAM} ${version()} on Node ${process.versions.node}, ${availableParallelism()} cores`,
    );
    try {
      done(await module.run(call as never));
    } catch (error) {
      if (verbose && error instanceof UserError && error.cause !== undefined)
        terminal.detail(`cause: ${(error.cause as Error).stack ?? String(error.cause)}`);
      throw error;
    } finally {
      terminal.detail(`${entry.name} took ${((performance.now() - start) / 1000).toFixed(2)} s`);
    }
  });
}

/** The command that the arguments name, also in `help <command>`; global flags may come first. */
function calledCommand(args: readonly string[]): string | undefined {
  const words = args.filter((arg) => !arg.startsWith("-"));
  return words[0] === "help" ? words[1] : words[0];
}

function version(): string {
  const text = readFileSync(packagePath("package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/**
 * Says on stderr what happened; returns the exit code.
 * @param json whether stdout carries one JSON document, whatever happens
 */
function explain(error: unknown, json: boolean): number {
  const document = (code: number, described: object): number =>
    json && code !== 0 ? errorDocument(code, described) : code;
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, "");
    return error.exitCode === 0 ? 0 : document(USAGE, { code: "usage", message });
  }
  const known = error instanceof UserError ? error : unplacedFileError(error);
  if (known !== undefined) {
    createTerminal({ quiet: false, progress: false }).error(known);
    return document(known.exitCode, described(known));
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  writeTalk(
    `${harmless(stack)}\n\nThis is a bug in eventprop, not in your input. Please report it with the lines above.\n`,
  );
  return document(BUG, { code: "bug", message: error instanceof Error ? error.message : String(error) });
}

function interrupted(exitCode: number): number {
  return errorDocument(exitCode, { code: "interrupted", message: "a signal ended the program" });
}

/** The one JSON document of a call with --json that has no result. */
function errorDocument(exitCode: number, error: object): number {
  if (!hasResult()) writeResult(harmless(`${JSON.stringify({ ok: false, exitCode, error }, null, 2)}\n`));
  return exitCode;
}

function described({ code, message, hint, where, also }: UserError): object {
  return { code, message, hint, where, ...(also.length === 0 ? {} : { also: also.map(described) }) };
}
