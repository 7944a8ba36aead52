/**
 * The schema of one population of an experiment file: its neuron model (a member of the table in src/neuron/models)
 * with the model's constants, and how many neurons it has.
 */

import { type Static, type TObject, type TProperties, type TSchema, Type } from "@sinclair/typebox";
import { choiceSchema, timeSchema } from "../core/option-schemas.ts";
import { COUPLED_CIRCUITS } from "../mapping/placement.ts";
import { NEURON_MODELS } from "../neuron/models/index.ts";

/** Circuits on one chip bound what any substrate here can run; software runs more, but not by accident. */
const MAX_SIZE = 4096;

const population = {
  size: Type.Integer({ minimum: 1, maximum: MAX_SIZE, description: "Number of neurons." }),
  hemisphere: Type.Optional(
    choiceSchema(["top", "bottom"], {
      description: "Half of the chip (chosen by the placement by default).",
    }),
  ),
  circuits: Type.Optional(
    Type.Unsafe<(typeof COUPLED_CIRCUITS)[number]>({
      type: "integer",
      enum: COUPLED_CIRCUITS,
      description:
        "Circuits of the chip that each neuron is coupled of, with 128 signed inputs each; as many as the inputs need when absent.",
    }),
  ),
};

/** One constant that is learned, as a file says it; times in µs after validation. */
export interface TrainableFile {
  readonly min: number;
  readonly max: number;
  readonly per: "population" | "neuron";
  readonly learningRate: number;
}

/** Which constants of a model are learned. All but the tolerance of its solution can be. */
function trainableSchema(options: TProperties) {
  const bounds = (option: object, description: string): TSchema =>
    "quantity" in option ? timeSchema({ minimum: 0, description }) : Type.Number({ description });
  const learned = Object.entries(options)
    .filter(([name]) => name !== "tolerance")
    .map(([name, option]) => [
      name,
      Type.Optional(
        Type.Object(
          {
            min: bounds(option, "Smallest value; below the first one."),
            max: bounds(option, "Largest value; above the first one."),
            per: choiceSchema(["population", "neuron"], {
              default: "neuron",
              description: "Whether each neuron has its own value.",
            }),
            learningRate: Type.Number({
              default: 1,
              minimum: 0,
              description: "Factor on the learning rate of what moves the value between its bounds.",
            }),
          },
          { additionalProperties: false, description: `\`${name}\` is learned within bounds.` },
        ),
      ),
    ]);
  return Type.Optional(
    Type.Unsafe<{ readonly [name: string]: TrainableFile }>(
      Type.Object(Object.fromEntries(learned), {
        additionalProperties: false,
        description: "Constants that are learned, in software (default: none).",
      }),
    ),
  );
}

type Model = (typeof NEURON_MODELS)[number];
type FileOf<M extends Model> = M extends Model
  ? Static<TObject<M["options"]>> &
      Static<TObject<typeof population>> & {
        readonly model: M["kind"];
        readonly trainable?: { readonly [name: string]: TrainableFile };
      }
  : never;

/** One population of a file, after validation. */
export type PopulationFile = FileOf<Model>;

export const populationSchema = Type.Unsafe<PopulationFile>({
  type: "object",
  required: ["model"],
  discriminator: { propertyName: "model" },
  oneOf: NEURON_MODELS.map(({ kind, summary, options }) =>
    Type.Object(
      {
        model: Type.Literal(kind),
        ...population,
        ...(options as TProperties),
        trainable: trainableSchema(options),
      },
      { additionalProperties: false, description: summary },
    ),
  ),
  description: "Neurons of one kind.",
});
