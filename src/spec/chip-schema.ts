/**
 * Schema of `chip`: no chip at all (`software`), or a chip of the table with what every chip needs from an
 * experiment: calibration target, which constants the host computes with, how rows share a weight.
 */

import { type Static, type TObject, type TUnsafe, Type } from "@sinclair/typebox";
import { choiceSchema } from "../core/choice.ts";
import { type AnyMember, type Member, memberSchema, type OptionsOf } from "../core/family.ts";
import { fileSchema } from "../core/file-reference.ts";

const code = (standard: number, minimum: number, maximum: number, description: string) =>
  Type.Number({ default: standard, minimum, maximum, description });

/** Potentials as the CADC reads them; ranges are what the words can express, narrower ones are warned of. */
const target = Type.Object(
  {
    leak: code(80, 0, 255, "Resting potential, LSB."),
    threshold: code(150, 0, 255, "Potential of model threshold 1, LSB."),
    synapseGm: code(500, 0, 1022, "Bias code of the synaptic inputs: sets their strength."),
    synapseDacBias: code(1000, 0, 1022, "Bias code of the synapse DACs: sets their strength too."),
  },
  { default: {}, additionalProperties: false, description: "What the chip is calibrated to." },
);

/** What an experiment says about any chip. */
const hardware = {
  target,
  constants: choiceSchema(["calibrated", "nominal"], {
    default: "calibrated",
    description: "Constants that the gradient uses: as measured per neuron, or as written in this file.",
  }),
  copies: choiceSchema(["spread", "equal"], {
    default: "spread",
    description: "How the rows of one source share a weight: spread finely, or all the same.",
  }),
  cadc: choiceSchema(["sram", "dram"], {
    default: "sram",
    description: "Memory of membrane samples: sram every 1.7 us, 100 samples; dram every 6 us, long.",
  }),
  calibration: Type.Optional(
    fileSchema({ description: "Calibration file; a fitting one is found or made when absent." }),
  ),
};

export type HardwareOptions = Static<TObject<typeof hardware>>;

const software = {
  kind: "software",
  summary: "no chip: exact event-driven simulation in double precision, float weights",
  options: {},
  create: undefined,
} as const satisfies Member<"software", Record<string, never>, undefined>;

/** Every value of `chip.kind`, for `eventprop list chips`. */
export function chipMembers<Chips extends readonly AnyMember[]>(chips: Chips) {
  return [software, ...chips] as const;
}

export type SoftwareFile = { readonly kind: "software" };
export type ChipFile<Chips extends readonly AnyMember[]> =
  | SoftwareFile
  | (OptionsOf<Chips[number]> & HardwareOptions);

export function chipSchema<Chips extends readonly AnyMember[]>(chips: Chips): TUnsafe<ChipFile<Chips>> {
  const onChip = chips.map((entry) => memberSchema({ ...entry, options: { ...entry.options, ...hardware } }));
  return Type.Unsafe<ChipFile<Chips>>({
    type: "object",
    required: ["kind"],
    discriminator: { propertyName: "kind" },
    oneOf: [memberSchema(software), ...onChip],
    default: { kind: "simulated" },
    description: "What the network runs on.",
  });
}
