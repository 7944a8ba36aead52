/**
 * `eventprop grad-check`: is this gradient right? One neuron against closed forms, a network of one's own against
 * central differences, or reference cases. What each form prints: docs/grad-check.md.
 */

import { type Command, InvalidArgumentError } from "commander";
import { PROGRAM } from "../core/command-line.ts";
import { UserError } from "../core/errors.ts";
import { suggest } from "../core/suggest.ts";
import type { CommandCall, GlobalOptions } from "./command.ts";
import type { FormCall, GradCheckOptions } from "./grad-check-form.ts";
import { overrideFlags } from "./overrides.ts";

type OptionName = Exclude<keyof GradCheckOptions, keyof GlobalOptions | "json">;

const FORMS = {
  "single-neuron": {
    options: ["chip", "chipSeed", "trials", "out", "model"],
    load: async () => (await import("./grad-check-single-neuron.ts")).run,
  },
  reference: {
    options: [],
    load: async () => (await import("./grad-check-reference.ts")).run,
  },
  experiment: {
    options: ["set", "seed", "chip", "trials", "out", "samples", "perProjection", "estimators", "weights"],
    load: async () => (await import("./grad-check-experiment.ts")).run,
  },
} as const satisfies Record<
  string,
  { options: readonly OptionName[]; load: () => Promise<(call: FormCall) => Promise<number>> }
>;

export function configure(command: Command): void {
  command
    .argument("<subject>", "single-neuron, reference, an experiment file, or a run folder (with its weights)")
    .argument("[cases.json]", "file of reference cases, after `reference`");
  overrideFlags(command)
    .option(
      "--chip [kind]",
      "check on a chip (put this after the subject); single-neuron: software, ideal or simulated",
    )
    .option("--chip-seed <n>", "single-neuron: seed of the simulated chip (1)", count(0))
    .option("--model <name>", "single-neuron: compare alif, adex or qif with a precise numerical solution")
    .option("--trials <n>", "repetitions on the chip: per weight (100), of all samples (10)", count(1))
    .option(
      "-o, --out <dir>",
      "single-neuron, experiment: folder for tables and figures; it must be empty or not exist yet",
    )
    .option("--samples <n>", "experiment: how many samples of the data to use (20)", count(1))
    .option("--per-projection <n>", "experiment: how many weights of each projection to check (20)", count(1))
    .option(
      "--estimators <a,b>",
      "experiment: which estimators to check (default: all that can serve)",
      names,
    )
    .option(
      "--weights <path>",
      "experiment: a JSON file of weights or a run folder (default: the initial weights)",
    )
    .option("--json", "print the result as one JSON document on stdout")
    .addHelpText(
      "after",
      "\nsingle-neuron     compares spike times and gradients of one neuron with closed forms" +
        "\nreference <file>  checks networks whose spike times, losses and gradients are known" +
        "\n<experiment>      compares estimators with central differences on your network, and shows their cost" +
        "\n\nThe exit code is 5 if an estimator does not keep its claim, or if nothing could be checked." +
        `\n\nExamples:\n  $ ${PROGRAM} grad-check single-neuron --chip simulated --out neuron` +
        `\n  $ ${PROGRAM} grad-check reference cases.json` +
        `\n  $ ${PROGRAM} grad-check runs/yin-yang/latest` +
        `\n  $ ${PROGRAM} grad-check experiments/yin-yang-software.yaml --weights runs/yin-yang/latest` +
        `\n  $ ${PROGRAM} grad-check experiments/yin-yang.yaml --estimators eventprop,surrogate --chip`,
    );
}

export async function run({ operands, options, terminal }: CommandCall<GradCheckOptions>): Promise<number> {
  const [subject, cases] = operands as [string, string | undefined];
  const form = subject === "single-neuron" || subject === "reference" ? subject : "experiment";
  const meant = /[./]/.test(subject) ? undefined : suggest(subject, ["single-neuron", "reference"]);
  if (form === "experiment" && meant !== undefined)
    throw new UserError("usage", `no subject "${subject}"`, {
      hint: `did you mean ${meant}? An experiment or a run folder of that name is ./${subject}.`,
    });
  if (form === "reference" && cases === undefined)
    throw new UserError("usage", "no file of cases", {
      hint: `${PROGRAM} grad-check reference <cases.json>`,
    });
  if (form !== "reference" && cases !== undefined)
    throw new UserError("usage", `nothing is expected after ${subject}, found ${cases}`, {
      hint: "--chip takes the next word as its kind: write it last, or after the file",
    });
  checkOptions(form, options);
  const start = await FORMS[form].load();
  return start({ file: form === "reference" ? (cases as string) : subject, options, terminal });
}

/** An option that means nothing here is a mistake, not something to pass over. */
function checkOptions(form: keyof typeof FORMS, options: GradCheckOptions): void {
  const accepted: readonly OptionName[] = FORMS[form].options;
  const known = new Set<OptionName>(Object.values(FORMS).flatMap(({ options: names }) => [...names]));
  for (const name of known) {
    const given = name === "set" ? options.set.length > 0 : options[name] !== undefined;
    if (!given || accepted.includes(name)) continue;
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const forms = Object.entries(FORMS).filter(([, { options: names }]) =>
      (names as readonly OptionName[]).includes(name),
    );
    throw new UserError("usage", `${flag} means nothing for ${form}`, {
      hint: `it belongs to: ${forms.map(([other]) => other).join(", ")}`,
    });
  }
}

function count(minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= minimum && value <= 1_000_000) return value;
    throw new InvalidArgumentError(`a whole number from ${minimum} to 1000000 is expected.`);
  };
}

function names(text: string): string[] {
  const found = text.split(",").map((name) => name.trim());
  if (found.every((name) => name !== "")) return found;
  throw new InvalidArgumentError("names with commas between them are expected.");
}
