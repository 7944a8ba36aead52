/** The learning rate as it is. */

import { member } from "../../core/table.ts";
import { type Schedule, schedule, warmupOption } from "./types.ts";

export const constant = member({
  kind: "constant",
  summary: "the same learning rate throughout",
  options: { warmup: warmupOption },
  create: ({ warmup }: { readonly warmup: number }): Schedule => schedule(warmup, () => 1),
});
