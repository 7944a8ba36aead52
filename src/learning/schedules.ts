/** The table of learning-rate schedules: `schedule.kind` of an experiment file. */

import type { OptionsOf } from "../core/family.ts";
import { constant } from "./schedules/constant.ts";
import { cosine } from "./schedules/cosine.ts";
import { exponential } from "./schedules/exponential.ts";
import { step } from "./schedules/step.ts";
import type { Schedule } from "./schedules/types.ts";

export type { Schedule } from "./schedules/types.ts";

export const SCHEDULES = [constant, step, exponential, cosine] as const;
export type ScheduleConfig = OptionsOf<(typeof SCHEDULES)[number]>;

/** @param epochs length of the whole training */
export function createSchedule(config: ScheduleConfig, epochs: number): Schedule {
  switch (config.kind) {
    case "constant":
      return constant.create(config);
    case "step":
      return step.create(config);
    case "exponential":
      return exponential.create(config);
    case "cosine":
      return cosine.create(config, epochs);
    default:
      return config satisfies never;
  }
}
