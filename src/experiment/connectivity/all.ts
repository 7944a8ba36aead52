import { connectivityMember } from "./types.ts";

export const all = connectivityMember({
  kind: "all",
  summary: "every source to every target",
  options: {},
  create: () => () => undefined,
});
