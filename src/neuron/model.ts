/**
 * A neuron model as a value: what it is called, which constants it has, and which equations they stand in. A model is a
 * member of the table in models/index.ts, one file and one line. Nothing outside that table compares the names of
 * models: the simulator, the estimators, the mapping and the checks ask the properties below.
 *
 * All models are of one family (constants.ts): a membrane with two synaptic currents, and optionally an adaptation
 * current, a threshold that decays, and a current F(V) that is not linear. So a member states its equations, and the
 * operations on whole populations follow: LIF and LI are simulated and differentiated in closed form, linear models by
 * their eigenvalues, others step by step.
 */

import { type TProperties, Type } from "@sinclair/typebox";
import { timeSchema } from "../core/option-schemas.ts";
import type { IntrinsicCurrent } from "./adaptive.ts";

export interface NeuronModel {
  /** The word in an experiment file. */
  readonly kind: string;
  /** One line for editors. */
  readonly summary: string;
  /** The constants of the model as options of a population, by the names of constants.ts (`tauSyn` sets both). */
  readonly options: TProperties;
  /** Whether its neurons have a threshold and send spikes. */
  readonly spikes: boolean;
  /** Whether it is LIF or LI: the closed forms and most estimators on a time grid are for these. */
  readonly closedForm: boolean;
  /** Whether the circuits of a chip emulate it. */
  readonly onChip: boolean;
  /** F(V); absent where it is −V. */
  readonly intrinsic?: IntrinsicCurrent;
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
    timeSchema({ above: 0, description: "Of inhibitory synapses (default: as `tauSyn`)." }),
  ),
};

/** Constants of a neuron with a threshold. */
export const spikeOptions = {
  threshold: Type.Number({ default: 1, exclusiveMinimum: 0, description: "Model units: leak is 0." }),
  reset: Type.Number({ default: 0, description: "Model units, below the threshold." }),
  refractory: timeSchema({ default: "1 us", minimum: 0, description: "Held at reset after a spike." }),
};

/** Constants of an adaptation current w: τ_w ẇ = a V − w, w += b at a spike. */
export const adaptationOptions = {
  adaptation: Type.Number({
    default: 0,
    exclusiveMinimum: -1,
    description: "a: adaptation current that a constant potential of 1 holds.",
  }),
  adaptationJump: Type.Number({
    default: 0.5,
    description: "b: what a spike adds to the adaptation current.",
  }),
  tauAdaptation: timeSchema({ default: "50 us", above: 0, description: "Time constant of adaptation." }),
};

/** How exactly a model without closed form is solved. */
export const solverOptions = {
  tolerance: Type.Number({
    default: 1e-6,
    minimum: 1e-13,
    maximum: 1e-2,
    description: "Largest error of a step of the numerical solution, relative to 1 + |V|.",
  }),
};
