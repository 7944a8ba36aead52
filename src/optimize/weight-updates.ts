/** The table of what the weights are between updates: `training.update.kind`. */

import { choiceSchema } from "../core/choice.ts";
import { member, type OptionsOf } from "../core/table.ts";
import { ROUNDINGS } from "./word-update.ts";

const float = member({
  kind: "float",
  summary: "the host keeps numbers and rounds them to words for every run",
  options: {},
  create: () => undefined,
});

const words = member({
  kind: "words",
  summary: "only the chip's words are kept, as a processor beside the synapses would; on a chip",
  options: {
    rounding: choiceSchema(ROUNDINGS, {
      default: "stochastic",
      description: "How an update becomes whole steps: by chance, right on average, or to the nearest.",
    }),
  },
  create: () => undefined,
});

export const WEIGHT_UPDATES = [float, words] as const;
export type WeightUpdateConfig = OptionsOf<(typeof WEIGHT_UPDATES)[number]>;
