/** Leaky integrator: the membrane of LIF without threshold, reset and spikes. */

import { membraneOptions, neuronModel } from "../model.ts";

export const li = neuronModel({
  kind: "li",
  summary: "leaky integrator: the same membrane without threshold, for readouts",
  options: membraneOptions,
  spikes: false,
  closedForm: true,
  onChip: true,
});
