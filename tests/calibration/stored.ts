/** The calibration that comes with the program, as object and as file, for tests of what is stored. */

import { readFileSync } from "node:fs";
import { calibrationPath, loadCalibration, SHIPPED_FOLDER } from "../../src/calibration/store.ts";
import { DEFAULT_TARGET } from "../../src/calibration/target.ts";

export const SHIPPED_PATH = calibrationPath(SHIPPED_FOLDER, "simulated-1", DEFAULT_TARGET);
export const SHIPPED = loadCalibration(SHIPPED_PATH);
export const SHIPPED_TEXT = readFileSync(SHIPPED_PATH, "utf8");
