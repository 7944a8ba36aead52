/** Drops by a factor every so many epochs:  gamma^⌊epoch / every⌋. */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { power } from "../../core/power.ts";
import { member } from "../../core/table.ts";
import { type Schedule, schedule, warmupOption } from "./types.ts";

const options = {
  every: Type.Integer({ default: 10, minimum: 1, description: "Epochs between drops." }),
  gamma: Type.Number({ default: 0.5, exclusiveMinimum: 0, maximum: 1, description: "Factor of each drop." }),
  warmup: warmupOption,
};

export const step = member({
  kind: "step",
  summary: "a drop by `gamma` after every `every` epochs",
  options,
  create: ({ every, gamma, warmup }: Static<TObject<typeof options>>): Schedule =>
    schedule(warmup, (epoch) => power(gamma, Math.floor(epoch / every))),
});
