/** The table of neuron models: `model` of a population in an experiment file. */

import type { NeuronModel } from "../model.ts";
import { adex } from "./adex.ts";
import { alif } from "./alif.ts";
import { li } from "./li.ts";
import { lif } from "./lif.ts";
import { qif } from "./qif.ts";

export const NEURON_MODELS = [lif, li, alif, adex, qif] as const;

/** The model that `kind` names. Throws a plain Error on an unknown word; experiment files are checked before. */
export function modelOf(kind: string): NeuronModel {
  const found = NEURON_MODELS.find((model) => model.kind === kind);
  if (found === undefined) throw new Error(`no neuron model called ${kind}`);
  return found;
}

/** The models whose neurons send spikes, as words for messages. */
export function spikingKinds(): string {
  return NEURON_MODELS.filter(({ spikes }) => spikes)
    .map(({ kind }) => kind)
    .join(", ");
}
