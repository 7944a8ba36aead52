/** Leaky integrate-and-fire: τ_m V̇ = −V + E + I, reset at the threshold. All of its motion has a closed form. */

import { membraneOptions, neuronModel, spikeOptions } from "../model.ts";

export const lif = neuronModel({
  kind: "lif",
  summary: "leaky integrate-and-fire with exponential synaptic currents",
  options: { ...membraneOptions, ...spikeOptions },
  spikes: true,
  closedForm: true,
  onChip: true,
});
