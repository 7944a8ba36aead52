/** The table of first weights: `init.kind` of a projection. */

import { memberOf, type OptionsOf } from "../../core/table.ts";
import { constant } from "./constant.ts";
import { fanIn } from "./fan-in.ts";
import { fromFile } from "./from-file.ts";
import { normal } from "./normal.ts";
import type { Initializer } from "./types.ts";
import { uniform } from "./uniform.ts";

export const INITIALIZERS = [normal, fanIn, uniform, constant, fromFile] as const;
export type InitialConfig = OptionsOf<(typeof INITIALIZERS)[number]>;

/** @throws UserError("experiment-physics") when the options contradict each other */
export function createInitializer(config: InitialConfig): Initializer {
  return memberOf(INITIALIZERS, config.kind).create(config as never);
}
