/** The table of learning-rate schedules: `schedule.kind` of an experiment file. */

import { memberOf, type OptionsOf } from "../core/family.ts";
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
  return memberOf(SCHEDULES, config.kind).create(config as never, epochs);
}
