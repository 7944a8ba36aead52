/** All tables of exchangeable parts, in one record: what the schema and `eventprop list` are made from. */

import { CHIPS } from "../chip/index.ts";
import { DATASETS, ENCODERS } from "../data/index.ts";
import { ESTIMATORS } from "../gradient/index.ts";
import { LOSSES } from "../loss/index.ts";
import { OPTIMIZERS } from "../optimize/optimizers/index.ts";
import { REGULARIZERS } from "../optimize/regularizers/index.ts";
import { SCHEDULES } from "../optimize/schedules/index.ts";

export const TABLES = {
  datasets: DATASETS,
  encoders: ENCODERS,
  chips: CHIPS,
  losses: LOSSES,
  estimators: ESTIMATORS,
  optimizers: OPTIMIZERS,
  schedules: SCHEDULES,
  regularizers: REGULARIZERS,
} as const;
