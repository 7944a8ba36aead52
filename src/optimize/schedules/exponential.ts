/** Drops by a factor after each epoch:  gamma^⌊epoch⌋. */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { power } from "../../core/power.ts";
import { member } from "../../core/table.ts";
import { type Schedule, schedule, warmupOption } from "./types.ts";

const options = {
  gamma: Type.Number({ default: 0.98, exclusiveMinimum: 0, maximum: 1, description: "Factor per epoch." }),
  warmup: warmupOption,
};

export const exponential = member({
  kind: "exponential",
  summary: "a drop by `gamma` after every epoch",
  options,
  create: ({ gamma, warmup }: Static<TObject<typeof options>>): Schedule =>
    schedule(warmup, (epoch) => power(gamma, Math.floor(epoch))),
});
