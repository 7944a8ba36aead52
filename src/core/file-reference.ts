/**
 * Schema of an option that names a file. The path is relative to the file that it is written in (to the
 * working directory on the command line); the keyword `fileReference` lets src/experiment make it absolute, so
 * that a resolved experiment works from any folder.
 */

import { type TUnsafe, Type } from "@sinclair/typebox";

export function fileSchema(options: { readonly description?: string }): TUnsafe<string> {
  return Type.Unsafe<string>({ type: "string", minLength: 1, fileReference: true, ...options });
}
