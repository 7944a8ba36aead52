/** The table of learning-rate schedules: `schedule.kind` of an experiment file. */

import { memberOf, type OptionsOf } from "../../core/table.ts";
import { constant } from "./constant.ts";
import { cosine } from "./cosine.ts";
import { exponential } from "./exponential.ts";
import { plateau } from "./plateau.ts";
import { step } from "./step.ts";
import type { Schedule } from "./types.ts";

export type { Schedule } from "./types.ts";

export const SCHEDULES = [constant, step, exponential, cosine, plateau] as const;
export type ScheduleConfig = OptionsOf<(typeof SCHEDULES)[number]>;

/** Schedules whose factor at an epoch depends on how long the training is: it cannot be made longer afterwards. */
const BY_LENGTH: ReadonlySet<ScheduleConfig["kind"]> = new Set(["cosine"]);

/** Whether the training may be made longer without changing what it has done so far. */
export function isOpenEnded({ kind }: ScheduleConfig): boolean {
  return !BY_LENGTH.has(kind);
}

/** @param epochs length of the whole training */
export function createSchedule(config: ScheduleConfig, epochs: number): Schedule {
  return memberOf(SCHEDULES, config.kind).create(config as never, epochs);
}
