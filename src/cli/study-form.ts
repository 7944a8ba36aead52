/** What the forms of `eventprop study` are called with. */

import type { GlobalOptions } from "./command.ts";
import type { OverrideOptions } from "./overrides.ts";
import type { Terminal } from "./terminal.ts";

/** Options of all forms; `study` refuses them where they mean nothing. */
export interface StudyOptions extends OverrideOptions, GlobalOptions {
  /** Simulated chips. */
  readonly seeds?: readonly number[];
  readonly adapt?: number;
  /** Trainings after which gradients are looked at. */
  readonly epochs?: readonly number[];
  readonly out?: string;
  readonly json?: boolean;
}

/** One form of the command. */
export interface StudyCall {
  readonly file: string;
  readonly options: StudyOptions;
  readonly terminal: Terminal;
}
