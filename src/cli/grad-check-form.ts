/** What the three forms of `eventprop grad-check` are called with. */

import type { GlobalOptions } from "./command.ts";
import type { OverrideOptions } from "./overrides.ts";
import type { Terminal } from "./terminal.ts";

/** Options of all three forms; `grad-check` refuses them where they mean nothing. */
export interface GradCheckOptions extends OverrideOptions, GlobalOptions {
  readonly chip?: string | true;
  readonly chipSeed?: number;
  readonly model?: string;
  readonly trials?: number;
  readonly out?: string;
  readonly samples?: number;
  readonly perProjection?: number;
  readonly estimators?: readonly string[];
  readonly weights?: string;
  readonly json?: boolean;
}

/** One form of the command. */
export interface FormCall {
  /** The experiment or case file; empty for the single neuron. */
  readonly file: string;
  readonly options: GradCheckOptions;
  readonly terminal: Terminal;
}
