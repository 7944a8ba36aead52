/**
 * `eventprop study`: how believable is the simulated chip, what does a network keep when it leaves its chip, what is
 * calibration worth (docs/realism.md), and what do gradients have to do with the mean loss (docs/learning.md).
 */

import { type Command, InvalidArgumentError } from "commander";
import { PROGRAM } from "../core/command-line.ts";
import { UserError } from "../core/errors.ts";
import { suggest } from "../core/suggest.ts";
import type { CommandCall, GlobalOptions } from "./command.ts";
import { overrideFlags } from "./overrides.ts";
import type { StudyCall, StudyOptions } from "./study-form.ts";

type OptionName = Exclude<keyof StudyOptions, keyof GlobalOptions | "json">;

const FORMS = {
  realism: {
    options: ["seeds", "out", "set"],
    load: async () => (await import("./study-realism.ts")).run,
  },
  transfer: {
    options: ["seeds", "adapt", "out", "set", "seed"],
    load: async () => (await import("./study-transfer.ts")).run,
  },
  calibration: {
    options: ["seeds", "out", "set", "seed"],
    load: async () => (await import("./study-calibration.ts")).run,
  },
  gradients: {
    options: ["seeds", "epochs", "out", "set", "seed"],
    load: async () => (await import("./study-gradients.ts")).run,
  },
} as const satisfies Record<
  string,
  { options: readonly OptionName[]; load: () => Promise<(call: StudyCall) => Promise<number>> }
>;

type Form = keyof typeof FORMS;

export function configure(command: Command): void {
  command
    .argument("<study>", "realism, transfer, calibration or gradients")
    .argument(
      "<file>",
      "realism: recorded answers of a real chip (JSON, or a folder of bundles with recordings); otherwise an experiment on a simulated chip",
    );
  overrideFlags(command)
    .option(
      "--seeds <a,b>",
      "seeds of the simulated chips (realism: 1,2,3,4,5; gradients: 1; else 1,2,3); transfer: the weights of the first chip run on the others",
      seeds,
    )
    .option("--adapt <n>", "transfer: epochs of training on each receiving chip (10)", count)
    .option("--epochs <a,b>", "gradients: after how many epochs of training (0,5,30)", epochs)
    .option(
      "-o, --out <dir>",
      "folder for the result, the figure and the training runs; it must be empty or not exist yet",
    )
    .option("--json", "print the result as one JSON document on stdout")
    .addHelpText(
      "after",
      "\nrealism      runs the network and weights of a real chip on simulated chips; compares spike times with the ideal model" +
        "\ntransfer     trains in the loop on each chip; compares accuracy there, in the ideal model and on other chips" +
        "\ncalibration  trains in the loop on the same chip with and without calibration" +
        "\ngradients    compares the gradient of every estimator with the slope of the loss that a chip has on average" +
        "\n\nChips are calibrated first where no calibration is stored." +
        `\n\nExamples:\n  $ ${PROGRAM} study realism real-chip-yinyang.json --seeds 1,2,3` +
        `\n  $ ${PROGRAM} study transfer experiments/transfer.yaml` +
        `\n  $ ${PROGRAM} study calibration experiments/yin-yang.yaml --seeds 1 --set training.epochs=10`,
    );
}

export async function run({ operands, options, terminal }: CommandCall<StudyOptions>): Promise<number> {
  const [study, file] = operands as [string, string];
  if (!isForm(study)) {
    const meant = suggest(study, Object.keys(FORMS));
    throw new UserError("usage", `there is no study "${study}"`, {
      hint: meant === undefined ? `studies are: ${Object.keys(FORMS).join(", ")}` : `is "${meant}" meant?`,
    });
  }
  checkOptions(study, options);
  const start = await FORMS[study].load();
  return start({ file, options, terminal });
}

function isForm(study: string): study is Form {
  return Object.hasOwn(FORMS, study);
}

/** An option that means nothing here is a mistake, not something to pass over. */
function checkOptions(form: Form, options: StudyOptions): void {
  const accepted: readonly OptionName[] = FORMS[form].options;
  for (const name of ["seeds", "adapt", "epochs", "out", "set", "seed"] as const) {
    const given = name === "set" ? options.set.length > 0 : options[name] !== undefined;
    if (given && !accepted.includes(name))
      throw new UserError("usage", `--${name} means nothing for study ${form}`, {
        hint: `it takes: ${accepted.map((one) => `--${one}`).join(", ")}`,
      });
  }
}

function seeds(text: string): number[] {
  const values = text.split(",").map((part) => (/^\d+$/.test(part.trim()) ? Number(part) : Number.NaN));
  const all = new Set(values);
  if (all.size === values.length && values.every((value) => value <= 0xffffffff)) return values;
  throw new InvalidArgumentError("different whole numbers with commas between them are expected.");
}

function epochs(text: string): number[] {
  const values = text.split(",").map((part) => (/^\d+$/.test(part.trim()) ? Number(part) : Number.NaN));
  if (new Set(values).size === values.length && values.every((value) => value <= 100_000)) return values;
  throw new InvalidArgumentError("different whole numbers with commas between them are expected.");
}

function count(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= 100_000) return value;
  throw new InvalidArgumentError("a whole number from 1 to 100000 is expected.");
}
