/** The flags `--set` and `--seed`, shared by all commands that take an experiment. */

import { type Command, InvalidArgumentError, Option } from "commander";

export interface OverrideOptions {
  readonly set: readonly string[];
  readonly seed?: number;
}

export function overrideFlags(command: Command): Command {
  return setFlag(command).option("--seed <n>", "seed of weights, sample order and noise", wholeNumber);
}

/** `--set` alone, for commands on which a seed has no influence. */
export function setFlag(command: Command): Command {
  return command.addOption(
    new Option("-s, --set <path=value>", "replace a value of the experiment; repeatable")
      .argParser(collect)
      // "none" spares the help a bare [].
      .default([], "none"),
  );
}

/** What `loadExperiment` takes. */
export function loadOptions({ set, seed }: OverrideOptions): { set: readonly string[]; seed?: number } {
  return seed === undefined ? { set } : { set, seed };
}

function collect(value: string, earlier: string[]): string[] {
  return [...earlier, value];
}

/** A seed: 0 … 2³²−1. */
function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 0xffffffff) return value;
  throw new InvalidArgumentError("a whole number from 0 to 4294967295 is expected.");
}
