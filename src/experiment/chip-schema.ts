/**
 * Schema of `chip`: no chip at all (`software`), or a chip of the table with what every chip needs from an
 * experiment: calibration target, which constants the host computes with, how rows share a weight.
 */

import { type Static, type TObject, type TUnsafe, Type } from "@sinclair/typebox";
import { TARGET_PARAMETERS } from "../calibration/target.ts";
import type { CalibrationTarget } from "../calibration/types.ts";
import { choiceSchema, fileSchema } from "../core/option-schemas.ts";
import { type AnyMember, type Member, memberSchema, type OptionsOf } from "../core/table.ts";

/** A parameter of the calibration target, with the range in which it is possible at all. */
const parameter = (wanted: keyof CalibrationTarget) => {
  const found = TARGET_PARAMETERS.find(({ name }) => name === wanted);
  if (found === undefined) throw new Error(`no target parameter ${wanted}`);
  const [minimum, maximum] = found.possible;
  const description = found.unit === "x" ? found.summary : `${found.summary} In ${found.unit}.`;
  return Type.Number({ default: found.defaultValue, minimum, maximum, description });
};

/** What no population says; time constants and reset follow from the populations. */
const target = Type.Object(
  {
    leak: parameter("leak"),
    threshold: parameter("threshold"),
    synapseGm: parameter("synapseGm"),
    synapseDacBias: parameter("synapseDacBias"),
    residual: parameter("residual"),
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
    Type.Union([fileSchema({}), Type.Array(fileSchema({}), { minItems: 1 })], {
      description:
        "Calibration file, or several where populations have different targets (default: stored ones that fit, or else new ones).",
    }),
  ),
};

export type HardwareOptions = Static<TObject<typeof hardware>>;

const software = {
  kind: "software",
  summary: "no chip: exact event-driven simulation in double precision, float weights",
  options: {},
  create: undefined,
} as const satisfies Member<"software", Record<string, never>, undefined>;

/** Every value of `chip.kind` with its options. */
export function chipMembers<Chips extends readonly AnyMember[]>(chips: Chips): AnyMember[] {
  return [software, ...chips.map((entry) => ({ ...entry, options: { ...entry.options, ...hardware } }))];
}

export type SoftwareFile = { readonly kind: "software" };
export type ChipFile<Chips extends readonly AnyMember[]> =
  | SoftwareFile
  | (OptionsOf<Chips[number]> & HardwareOptions);

export function chipSchema<Chips extends readonly AnyMember[]>(chips: Chips): TUnsafe<ChipFile<Chips>> {
  return Type.Unsafe<ChipFile<Chips>>({
    type: "object",
    required: ["kind"],
    discriminator: { propertyName: "kind" },
    oneOf: chipMembers(chips).map(memberSchema),
    default: { kind: "simulated" },
    description: "What the network runs on.",
  });
}
