/**
 * Which targets a calibration accepts: a standard range per parameter, outside of which results may be imperfect
 * (a warning), and a possible range, outside of which words or converters cannot follow (an error).
 *
 * Standard ranges are those of electronicvisions/calix:src/py/calix/spiking/neuron.py; possible ranges follow
 * from the words (10 bits, 8-bit refractory counter), from the calibrated range of the CADC (reads 20 … 220)
 * and, for time constants, from the range that calix refuses to leave.
 */

import { type TObject, Type } from "@sinclair/typebox";
import { type SourcePosition, UserError } from "../core/errors.ts";
import { timeSchema } from "../core/option-schemas.ts";
import { formatTime } from "../core/units.ts";
import { PARAMETERS } from "./parameters/index.ts";
import type { TargetOption } from "./parameters/parameter.ts";
import type { CalibrationTarget } from "./types.ts";

export interface TargetParameter extends TargetOption {
  readonly name: keyof CalibrationTarget;
}

/** What a target names beside the parameters that are measured. */
const OTHER_OPTIONS: readonly TargetParameter[] = [
  {
    name: "synapseGm",
    summary: "Median bias code of the synaptic inputs.",
    unit: "code",
    defaultValue: 500,
    accepted: [30, 800],
    possible: [1, 1022],
  },
  {
    name: "synapseDacBias",
    summary: "Bias code of the synapse DACs.",
    unit: "code",
    defaultValue: 1000,
    accepted: [30, 1022],
    possible: [1, 1022],
  },
  {
    name: "residual",
    summary: "Scatter that the calibration leaves, as a factor on what is published of real ones.",
    unit: "x",
    defaultValue: 1,
    accepted: [0, 2],
    possible: [0, 5],
  },
];

export const TARGET_PARAMETERS: readonly TargetParameter[] = [
  ...PARAMETERS.flatMap(({ name, option }) =>
    option === undefined ? [] : [{ ...option, name: name as keyof CalibrationTarget }],
  ),
  ...OTHER_OPTIONS,
];

/** The target of the calibration that is deployed as `spiking2` (electronicvisions/calix: deployment). */
export const DEFAULT_TARGET = Object.fromEntries(
  TARGET_PARAMETERS.map(({ name, defaultValue }) => [name, defaultValue]),
) as unknown as CalibrationTarget;

/** Schema of a target in a file: every parameter optional, times with their unit. */
export const TARGET_SCHEMA: TObject = Type.Object(
  Object.fromEntries(
    TARGET_PARAMETERS.map(({ name, summary, unit, defaultValue, possible: [minimum, maximum] }) => [
      name,
      unit === "us"
        ? timeSchema({ default: formatTime(defaultValue), minimum, maximum, description: summary })
        : Type.Number({
            default: defaultValue,
            minimum,
            maximum,
            description: unit === "x" ? summary : `${summary} In ${unit}.`,
          }),
    ]),
  ),
  { additionalProperties: false },
);

export interface TargetWarning {
  readonly parameter: keyof CalibrationTarget;
  readonly message: string;
  readonly where?: SourcePosition;
}

/** Where a parameter stands in the user's file, if a file named it. */
export type LocateParameter = (name: keyof CalibrationTarget) => SourcePosition | undefined;

/**
 * Checks every parameter. Returns warnings about values outside the standard ranges.
 * @throws UserError("experiment-physics") naming parameter, range and position when a value is impossible
 */
export function checkTarget(
  target: CalibrationTarget,
  locate: LocateParameter = () => undefined,
): TargetWarning[] {
  const warnings: TargetWarning[] = [];
  const problems: UserError[] = [];
  const at = (name: keyof CalibrationTarget): { where?: SourcePosition } => {
    const where = locate(name);
    return where === undefined ? {} : { where };
  };
  for (const { name, unit, accepted, possible } of TARGET_PARAMETERS) {
    const value = target[name];
    if (!(value >= possible[0] && value <= possible[1])) {
      const message = `${name}: ${value} ${unit} cannot be calibrated`;
      const hint = `possible are ${range(possible)} ${unit}; ${range(accepted)} ${unit} work well`;
      problems.push(new UserError("experiment-physics", message, { hint, ...at(name) }));
    } else if (!(value >= accepted[0] && value <= accepted[1])) {
      const message = `${name}: ${value} ${unit} is outside the standard range ${range(accepted)} ${unit}; expect imperfect results`;
      warnings.push({ parameter: name, message, ...at(name) });
    }
  }
  if (target.reset >= target.threshold) {
    const message = `reset: ${target.reset} LSB is not below threshold, ${target.threshold} LSB`;
    const hint = "a neuron that is reset above its threshold fires without end";
    problems.push(new UserError("experiment-physics", message, { hint, ...at("reset") }));
  }
  const [first, ...also] = problems;
  if (first !== undefined) {
    const { message, hint, where } = first;
    throw new UserError("experiment-physics", message, {
      ...(hint === undefined ? {} : { hint }),
      ...(where === undefined ? {} : { where }),
      also,
    });
  }
  if (target.leak >= target.threshold) {
    const message = `leak: ${target.leak} LSB is not below threshold, ${target.threshold} LSB; neurons fire without input`;
    warnings.push({ parameter: "leak", message, ...at("leak") });
  }
  return warnings;
}

function range([from, to]: readonly [number, number]): string {
  return `${from} … ${to}`;
}
