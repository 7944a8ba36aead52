/** The same weight everywhere: neurons with the same inputs stay alike, unless noise or connections differ. */

import { Type } from "@sinclair/typebox";
import { initialMember } from "./types.ts";

export const constant = initialMember({
  kind: "constant",
  summary: "the same weight everywhere",
  options: { value: Type.Number({ description: "The weight, model units." }) },
  create:
    ({ value }) =>
    ({ weights }) => {
      weights.fill(value);
    },
});
