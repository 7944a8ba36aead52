/** All tables of exchangeable parts, in one record: what the schema and `eventprop list` are made from. */

import { CHIPS } from "../chip/index.ts";
import { DATASETS, ENCODERS } from "../data/index.ts";
import { ESTIMATORS } from "../learning/estimators.ts";
import { LOSSES } from "../learning/losses.ts";
import { OPTIMIZERS } from "../learning/optimizers.ts";
import { REGULARISERS } from "../learning/regularisers.ts";
import { SCHEDULES } from "../learning/schedules.ts";

export const TABLES = {
  datasets: DATASETS,
  encoders: ENCODERS,
  chips: CHIPS,
  losses: LOSSES,
  estimators: ESTIMATORS,
  optimizers: OPTIMIZERS,
  schedules: SCHEDULES,
  regularisers: REGULARISERS,
} as const;
