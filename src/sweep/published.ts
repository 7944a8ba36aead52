/** What the schema of sweep files is published as, for editors: schema/sweep.schema.json. */

import { editorSchema } from "../experiment/editor-schema.ts";
import { SWEEP_SCHEMA } from "./schema.ts";

export function sweepSchemaText(): string {
  return `${JSON.stringify(editorSchema(SWEEP_SCHEMA, "eventprop sweep"), null, 2)}\n`;
}
