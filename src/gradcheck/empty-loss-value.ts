/** A loss value to be written by `Loss.evaluate`. */

import type { LossValue } from "../loss/types.ts";

export function emptyLossValue(): LossValue {
  return { total: 0, classification: 0, regularisation: 0, prediction: -1, missingOutputs: 0 };
}
