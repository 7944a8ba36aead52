/**
 * The schema of one population of an experiment file: its neuron model (a member of the table in src/neuron/models)
 * with the model's constants, and how many neurons it has.
 */

import { type Static, type TObject, type TProperties, Type } from "@sinclair/typebox";
import { choiceSchema } from "../core/choice.ts";
import { NEURON_MODELS } from "../neuron/models/index.ts";

/** Circuits on one chip bound what any substrate here can run; software runs more, but not by accident. */
const MAX_SIZE = 4096;

const population = {
  size: Type.Integer({ minimum: 1, maximum: MAX_SIZE, description: "Number of neurons." }),
  hemisphere: Type.Optional(
    choiceSchema(["top", "bottom"], { description: "Half of the chip; chosen when absent." }),
  ),
};

type Model = (typeof NEURON_MODELS)[number];
type FileOf<M extends Model> = M extends Model
  ? Static<TObject<M["options"]>> & Static<TObject<typeof population>> & { readonly model: M["kind"] }
  : never;

/** One population of a file, after validation. */
export type PopulationFile = FileOf<Model>;

export const populationSchema = Type.Unsafe<PopulationFile>({
  type: "object",
  required: ["model"],
  discriminator: { propertyName: "model" },
  oneOf: NEURON_MODELS.map(({ kind, summary, options }) =>
    Type.Object(
      { model: Type.Literal(kind), ...population, ...(options as TProperties) },
      { additionalProperties: false, description: summary },
    ),
  ),
  description: "Neurons of one kind.",
});
