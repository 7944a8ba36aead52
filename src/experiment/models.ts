/**
 * The table of neuron models as an experiment file names them: `model` and the constants of one population.
 * What the models do stands in src/network/network.ts.
 */

import { type Static, type TObject, type TProperties, Type } from "@sinclair/typebox";
import { choiceSchema } from "../core/choice.ts";
import { timeSchema } from "../core/quantity.ts";
import type { ModelKind } from "../network/network.ts";

/** Circuits on one chip bound what any substrate here can run; software runs more, but not by accident. */
const MAX_SIZE = 4096;

const membrane = {
  size: Type.Integer({ minimum: 1, maximum: MAX_SIZE, description: "Number of neurons." }),
  tauMem: timeSchema({ default: "6 us", above: 0, description: "Membrane time constant." }),
  tauSyn: timeSchema({ default: "6 us", above: 0, description: "Synaptic time constant." }),
  tauSynInh: Type.Optional(
    timeSchema({ above: 0, description: "Of inhibitory synapses; as `tauSyn` when absent." }),
  ),
  hemisphere: Type.Optional(
    choiceSchema(["top", "bottom"], { description: "Half of the chip; chosen when absent." }),
  ),
};

const spiking = {
  threshold: Type.Number({ default: 1, exclusiveMinimum: 0, description: "Model units: leak is 0." }),
  reset: Type.Number({ default: 0, description: "Model units, below the threshold." }),
  refractory: timeSchema({ default: "1 us", minimum: 0, description: "Held at reset after a spike." }),
};

interface Model<Kind extends ModelKind, Options extends TProperties> {
  readonly kind: Kind;
  readonly summary: string;
  readonly options: Options;
}

function model<const Kind extends ModelKind, Options extends TProperties>(
  definition: Model<Kind, Options>,
): Model<Kind, Options> {
  return definition;
}

const lif = model({
  kind: "lif",
  summary: "leaky integrate-and-fire with exponential synaptic currents",
  options: { ...membrane, ...spiking },
});

const li = model({
  kind: "li",
  summary: "leaky integrator: the same membrane without threshold, for readouts",
  options: membrane,
});

export const MODELS = [lif, li] as const;

type ModelConfig<M> =
  M extends Model<infer Kind, infer Options> ? Static<TObject<Options>> & { readonly model: Kind } : never;

/** One population of a file, after validation. */
export type PopulationFile = ModelConfig<(typeof MODELS)[number]>;

export const populationSchema = Type.Unsafe<PopulationFile>({
  type: "object",
  required: ["model"],
  discriminator: { propertyName: "model" },
  oneOf: MODELS.map(({ kind, summary, options }) =>
    Type.Object(
      { model: Type.Literal(kind), ...(options as TProperties) },
      { additionalProperties: false, description: summary },
    ),
  ),
  description: "Neurons of one kind.",
});
