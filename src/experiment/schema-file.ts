/** What the schema is published as: a JSON schema for editors and the key tables of docs/experiment.md. */

import { editorSchema } from "./editor-schema.ts";
import { keyReference } from "./reference.ts";
import { experimentSchema } from "./schema.ts";
import { TABLES } from "./tables.ts";

/** The file schema/experiment.schema.json. */
export function schemaText(): string {
  return `${JSON.stringify(editorSchema(experimentSchema(TABLES)), null, 2)}\n`;
}

const START = "<!-- keys: written by `npm run schema` -->";
const END = "<!-- end of keys -->";

/** `document` with the tables between its two markers replaced. */
export function withKeyTables(document: string): string {
  const start = document.indexOf(START);
  const end = document.indexOf(END);
  if (start < 0 || end < start) throw new Error(`the document has no ${START} … ${END}`);
  return `${document.slice(0, start + START.length)}\n\n${keyReference()}\n${document.slice(end)}`;
}
