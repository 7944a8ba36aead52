/** Weights from a file: a matrix of numpy, or a weights file of a run. */

import { fileSchema } from "../../core/option-schemas.ts";
import { readMatrix } from "../matrix-file.ts";
import { initialMember } from "./types.ts";

export const fromFile = initialMember({
  kind: "file",
  summary: "from an .npy, an .npz or a weights.json, in which rows are sources",
  options: {
    path: fileSchema({
      description:
        "An .npy of shape (sources, targets), or an .npz or weights.json with the projection's name.",
    }),
  },
  create:
    ({ path }) =>
    ({ name, sources, targets, weights }) => {
      weights.set(readMatrix(path, { name, sources, targets }));
    },
});
