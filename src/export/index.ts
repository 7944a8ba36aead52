/** The table of `eventprop export --for`. Adding a target is one module and one line here. */

import { arrays } from "./arrays.ts";
import { hxtorch } from "./hxtorch.ts";
import type { ExportTarget } from "./types.ts";

export const EXPORTS: readonly ExportTarget[] = [arrays, hxtorch];
