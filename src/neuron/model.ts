/**
 * A neuron model as a value: what it is called, which constants it has, and which equations they stand in. A model is a
 * member of the table in models/index.ts, one file and one line. Nothing outside that table compares the names of
 * models: the simulator, the estimators, the mapping and the checks ask the properties below.
 */

import { type TProperties, Type } from "@sinclair/typebox";
import { timeSchema } from "../core/quantity.ts";

export interface NeuronModel {
  /** The word in an experiment file. */
  readonly kind: string;
  /** One line for editors. */
  readonly summary: string;
  /** The constants of the model as options of a population. */
  readonly options: TProperties;
  /** Whether its neurons have a threshold and send spikes. */
  readonly spikes: boolean;
}

/** Names a model with the exact type of its options. */
export function neuronModel<const Model extends NeuronModel>(definition: Model): Model {
  return definition;
}

/** Constants of every membrane. */
export const membraneOptions = {
  tauMem: timeSchema({ default: "6 us", above: 0, description: "Membrane time constant." }),
  tauSyn: timeSchema({ default: "6 us", above: 0, description: "Synaptic time constant." }),
  tauSynInh: Type.Optional(
    timeSchema({ above: 0, description: "Of inhibitory synapses; as `tauSyn` when absent." }),
  ),
};

/** Constants of a neuron with a threshold. */
export const spikeOptions = {
  threshold: Type.Number({ default: 1, exclusiveMinimum: 0, description: "Model units: leak is 0." }),
  reset: Type.Number({ default: 0, description: "Model units, below the threshold." }),
  refractory: timeSchema({ default: "1 us", minimum: 0, description: "Held at reset after a spike." }),
};
