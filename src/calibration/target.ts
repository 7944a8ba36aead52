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
import { timeSchema } from "../core/quantity.ts";
import { formatTime } from "../core/units.ts";
import type { CalibrationTarget } from "./types.ts";

export interface TargetParameter {
  readonly name: keyof CalibrationTarget;
  readonly summary: string;
  readonly unit: "LSB" | "us" | "code" | "x";
  /** Value of DEFAULT_TARGET. */
  readonly standard: number;
  readonly accepted: readonly [from: number, to: number];
  readonly possible: readonly [from: number, to: number];
}

export const TARGET_PARAMETERS: readonly TargetParameter[] = [
  {
    name: "leak",
    summary: "Resting potential.",
    unit: "LSB",
    standard: 80,
    accepted: [50, 160],
    possible: [20, 220],
  },
  {
    name: "reset",
    summary: "Potential during the refractory time.",
    unit: "LSB",
    standard: 80,
    accepted: [50, 160],
    possible: [20, 220],
  },
  {
    name: "threshold",
    summary: "Potential at which a neuron spikes.",
    unit: "LSB",
    standard: 150,
    accepted: [50, 220],
    possible: [20, 220],
  },
  {
    name: "tauMem",
    summary: "Time constant of the membrane.",
    unit: "us",
    standard: 6,
    accepted: [0.5, 60],
    possible: [0.1, 2000],
  },
  {
    name: "tauSynExc",
    summary: "Time constant of excitatory inputs.",
    unit: "us",
    standard: 6,
    accepted: [0.3, 30],
    possible: [0.1, 100],
  },
  {
    name: "tauSynInh",
    summary: "Time constant of inhibitory inputs.",
    unit: "us",
    standard: 6,
    accepted: [0.3, 30],
    possible: [0.1, 100],
  },
  {
    name: "refractory",
    summary: "Refractory time; 0 us: as short as the chip can.",
    unit: "us",
    standard: 1,
    accepted: [0, 32],
    possible: [0, 66_000],
  },
  {
    name: "synapseGm",
    summary: "Median bias code of the synaptic inputs.",
    unit: "code",
    standard: 500,
    accepted: [30, 800],
    possible: [1, 1022],
  },
  {
    name: "synapseDacBias",
    summary: "Bias code of the synapse DACs.",
    unit: "code",
    standard: 1000,
    accepted: [30, 1022],
    possible: [1, 1022],
  },
  {
    name: "residual",
    summary: "Scatter that the calibration leaves, as a factor on what is published of real ones.",
    unit: "x",
    standard: 1,
    accepted: [0, 2],
    possible: [0, 5],
  },
];

/** The target of the calibration that is deployed as `spiking2` (electronicvisions/calix: deployment). */
export const DEFAULT_TARGET = Object.fromEntries(
  TARGET_PARAMETERS.map(({ name, standard }) => [name, standard]),
) as unknown as CalibrationTarget;

/** Schema of a target in a file: every parameter optional, times with their unit. */
export const TARGET_SCHEMA: TObject = Type.Object(
  Object.fromEntries(
    TARGET_PARAMETERS.map(({ name, summary, unit, standard, possible: [minimum, maximum] }) => [
      name,
      unit === "us"
        ? timeSchema({ default: formatTime(standard), minimum, maximum, description: summary })
        : Type.Number({
            default: standard,
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
