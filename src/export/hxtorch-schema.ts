/** The description of a bundle for hxtorch, format 1; `bundle.schema.json` beside it says the same to other programs. */

import { type Static, Type } from "@sinclair/typebox";

const count = (description: string) => Type.Integer({ minimum: 0, description });
const closed = { additionalProperties: false } as const;

const target = Type.Object(
  Object.fromEntries(
    [
      "leak",
      "reset",
      "threshold",
      "tauMem",
      "tauSynExc",
      "tauSynInh",
      "refractory",
      "synapseGm",
      "synapseDacBias",
    ].map((name) => [name, Type.Number()]),
  ),
  { ...closed, description: "What calix calibrates to: potentials in CADC LSB, times in us." },
);

export const BUNDLE_SCHEMA = Type.Object(
  {
    format: Type.Literal(1),
    software: Type.String({ description: "The program that wrote it, with its version." }),
    experiment: Type.String(),
    trainedOn: Type.String({ description: "The chip that the run was trained on." }),
    calibration: Type.Union([Type.Literal("spiking2"), Type.Null()], {
      description: "The deployed calibration of this target; null: the chip has to be calibrated.",
    }),
    durationTicks: count("Length of a sample in ticks of 8 ns."),
    waitTicks: count("Wait after each sample, ticks: five of the longest time constants."),
    populations: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          model: Type.Union([Type.Literal("lif"), Type.Literal("li")]),
          circuits: Type.Integer({ minimum: 1, maximum: 8, description: "Coupled circuits of a neuron." }),
          atomicNeurons: Type.Array(Type.Integer({ minimum: 0, maximum: 511 }), {
            description: "First circuit of each neuron: 256 * row + column.",
          }),
          addresses: Type.Array(Type.Integer({ minimum: 0, maximum: 255 })),
          target,
        },
        closed,
      ),
      { minItems: 1 },
    ),
    projections: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          from: Type.String(),
          to: Type.String(),
          rows: Type.Integer({ minimum: 1, description: "Synapses of one weight." }),
          wordsPerUnit: Type.Number(),
        },
        closed,
      ),
    ),
    routing: Type.Object(
      {
        externalLabels: Type.Array(Type.Integer({ minimum: 0, maximum: 65_535 }), {
          description: "Label of each input's event.",
        }),
        rowMode: Type.Array(Type.Integer({ minimum: 0, maximum: 3 }), {
          minItems: 512,
          maxItems: 512,
          description: "0 disabled, 1 excitatory, 2 inhibitory, 3 both; 256 * hemisphere + row.",
        }),
        driverMask: Type.Array(Type.Integer({ minimum: 0, maximum: 31 }), { minItems: 256, maxItems: 256 }),
        crossbar: Type.Array(
          Type.Array(Type.Integer({ minimum: 0, maximum: 0x3fff }), { minItems: 4, maxItems: 4 }),
          { description: "Nodes that are on: input, output, mask, target." },
        ),
      },
      closed,
    ),
    read: Type.Object(
      {
        cadc: Type.Union([Type.Literal("sram"), Type.Literal("dram")]),
        populations: Type.Array(Type.String(), { description: "Whose membranes are read." }),
      },
      closed,
    ),
  },
  closed,
);

export type Bundle = Static<typeof BUNDLE_SCHEMA>;
