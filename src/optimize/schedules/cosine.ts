/** Half a cosine from 1 at the start to `final` at the end of training. */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { member } from "../../core/table.ts";
import { type Schedule, schedule, warmupOption } from "./types.ts";

const options = {
  final: Type.Number({
    default: 0,
    minimum: 0,
    maximum: 1,
    description: "Learning rate at the end, as a share of that at the start.",
  }),
  warmup: warmupOption,
};

export const cosine = member({
  kind: "cosine",
  summary: "falling as half a cosine over the whole training",
  options,
  create({ final, warmup }: Static<TObject<typeof options>>, epochs: number): Schedule {
    const span = Math.max(epochs - warmup, Number.MIN_VALUE);
    return schedule(warmup, (epoch) => {
      const progress = Math.min(Math.max(epoch - warmup, 0) / span, 1);
      return final + (1 - final) * 0.5 * (1 + Math.cos(Math.PI * progress));
    });
  },
});
