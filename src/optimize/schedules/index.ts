/** The table of learning-rate schedules: `schedule.kind` of an experiment file. */

import { memberOf, type OptionsOf } from "../../core/family.ts";
import { constant } from "./constant.ts";
import { cosine } from "./cosine.ts";
import { exponential } from "./exponential.ts";
import { step } from "./step.ts";
import type { Schedule } from "./types.ts";

export type { Schedule } from "./types.ts";

export const SCHEDULES = [constant, step, exponential, cosine] as const;
export type ScheduleConfig = OptionsOf<(typeof SCHEDULES)[number]>;

/** @param epochs length of the whole training */
export function createSchedule(config: ScheduleConfig, epochs: number): Schedule {
  return memberOf(SCHEDULES, config.kind).create(config as never, epochs);
}
