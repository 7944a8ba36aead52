/** A mask from a file: every entry other than 0 is a connection. */

import { fileSchema } from "../../core/option-schemas.ts";
import { readMatrix } from "../matrix-file.ts";
import { connectivityMember } from "./types.ts";

export const fromFile = connectivityMember({
  kind: "file",
  summary: "a mask from an .npy, .npz or JSON file: every entry other than 0 is a connection",
  options: {
    path: fileSchema({
      description: "An .npy of shape (sources, targets), or an .npz or JSON file with the projection's name.",
    }),
  },
  create:
    ({ path }) =>
    (pairs) =>
      Uint8Array.from(readMatrix(path, pairs), (entry) => (entry === 0 ? 0 : 1)),
});
