/** Calibration as others use it: calibrate a chip, check a stored calibration. Files: store.ts. Targets: target.ts. */

export { type CalibrateOptions, calibrate } from "./calibrate.ts";
export { STEPS } from "./steps/index.ts";
export { type Verification, verify } from "./verify.ts";
