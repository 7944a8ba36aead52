/** `eventprop grad-check reference`: cases of a file against this program, one line each. */

import { UserError } from "../core/errors.ts";
import type { FormCall } from "./grad-check-form.ts";
import { table } from "./terminal.ts";

export async function run({ file, options, terminal }: FormCall): Promise<number> {
  const { readTextFile } = await import("../data/text-file.ts");
  const { parseCases } = await import("../gradcheck/reference/case-file.ts");
  const { checkCase } = await import("../gradcheck/reference/check-case.ts");
  const results = parseCases(readTextFile(file), file).map((one) => checkCase(one));
  const failed = results.filter(({ passed }) => !passed);
  if (options.json === true) {
    terminal.result(JSON.stringify({ passed: failed.length === 0, cases: results }, null, 2));
  } else {
    const error = (value: number | null): string => (value === null ? "-" : value.toExponential(1));
    const rows = results.map((one) => [
      one.name,
      String(one.spikes),
      String(one.entries),
      error(one.timeError),
      error(one.lossError),
      error(one.gradientError),
      one.passed ? "ok" : "WRONG",
    ]);
    const header = ["case", "spikes", "gradients", "time/us", "loss", "gradient", ""];
    for (const line of table([header, ...rows], [1, 2, 3, 4, 5])) terminal.result(line);
    terminal.say(
      "largest errors: of spike times; of the loss; of the gradient, relative to its largest entry",
    );
    for (const { name, complaints } of failed)
      for (const complaint of complaints) terminal.warn(`${name}: ${complaint}`);
  }
  if (failed.length === 0) return 0;
  throw new UserError("gradient-claim", `${failed.length} of ${results.length} cases are not met`);
}
