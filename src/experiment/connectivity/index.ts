/** The table of connectivities: `connect.kind` of a projection. */

import { memberOf, type OptionsOf } from "../../core/table.ts";
import { all } from "./all.ts";
import { fanIn } from "./fan-in.ts";
import { fromFile } from "./from-file.ts";
import { probability } from "./probability.ts";
import type { Connect } from "./types.ts";

export const CONNECTIVITIES = [all, probability, fanIn, fromFile] as const;
export type ConnectivityConfig = OptionsOf<(typeof CONNECTIVITIES)[number]>;

export function createConnect(config: ConnectivityConfig): Connect {
  return memberOf(CONNECTIVITIES, config.kind).create(config as never);
}
