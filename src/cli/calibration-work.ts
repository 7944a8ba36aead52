/** What `eventprop calibrate` is asked to do: which chip, and which targets its neurons shall meet. */

import { basename } from "node:path";
import { isCalibrationFile, targetKey } from "../calibration/store.ts";
import { DEFAULT_TARGET } from "../calibration/target.ts";
import type { CalibrationTarget } from "../calibration/types.ts";
import type { ChipOptions } from "../chip/index.ts";
import { PROGRAM } from "../core/command-line.ts";
import { UserError } from "../core/errors.ts";
import { loadExperiment } from "../experiment/load.ts";
import { calibrationTargets } from "../experiment/network.ts";
import { isTargetFile, loadTarget } from "../experiment/target-file.ts";
import type { Terminal } from "./terminal.ts";

export interface CalibrationWork {
  readonly chip: ChipOptions;
  readonly targets: readonly CalibrationTarget[];
}

/**
 * @param file experiment or target file; the Yin-Yang target on a simulated chip when absent
 * @param set values laid over the file
 * @throws UserError with exit code 2 or 3
 */
export function calibrationWork(
  file: string | undefined,
  set: readonly string[],
  chipSeed: number | undefined,
  terminal: Terminal,
): CalibrationWork {
  const seeded = chipSeed === undefined ? {} : { seed: chipSeed };
  const simulated = { kind: "simulated", ...seeded } as const;
  if (file === undefined && set.length > 0)
    throw new UserError("usage", "--set replaces a value of a file: name an experiment or a target file");
  if (file === undefined) return { chip: simulated, targets: [DEFAULT_TARGET] };
  if (isCalibrationFile(file)) {
    throw new UserError("usage", `${file} is a calibration; an experiment or target file is expected`, {
      hint: `\`${PROGRAM} calibrate --check --out ${file}\` measures with it`,
    });
  }
  if (isTargetFile(file)) {
    const { target, warnings } = loadTarget(file, { set });
    for (const { message, where, hint } of warnings) terminal.warn(message, where, hint);
    return { chip: simulated, targets: [target] };
  }
  const { experiment, warnings } = loadExperiment(file, { set });
  for (const { message, where, hint } of warnings) terminal.warn(message, where, hint);
  const { chip } = experiment;
  const targets = calibrationTargets(experiment);
  if (chip.kind === "software" || targets === undefined) {
    throw new UserError("compatibility", `${basename(file)} runs in software: there is no chip to calibrate`);
  }
  if (chipSeed !== undefined && chip.kind !== "simulated") {
    const problem = `--chip-seed chooses a simulated chip, ${basename(file)} uses chip ${chip.kind}`;
    throw new UserError("usage", problem);
  }
  const distinct = new Map([...targets.values()].map((target) => [targetKey(target), target]));
  return { chip: { ...chip, ...seeded }, targets: [...distinct.values()] };
}
