/** What every study needs from whoever calls it. */

import type { Report } from "../core/progress.ts";

export interface StudyContext {
  /** Its folder; each training run gets one inside. */
  readonly folder: string;
  /** Threads of a training run, the calling one among them. */
  readonly workers: number;
  readonly report: Report;
}
