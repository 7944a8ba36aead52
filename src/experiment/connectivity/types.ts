/** Which pairs of a projection are connected. */

import type { Static, TObject, TProperties } from "@sinclair/typebox";
import type { Stream } from "../../core/random.ts";
import type { Member } from "../../core/table.ts";

export interface Pairs {
  /** `"input>hidden"`. */
  readonly name: string;
  readonly sources: number;
  readonly targets: number;
}

/** 1 for each pair that is connected, at source · targets + target; undefined when all are. */
export type Connect = (pairs: Pairs, draws: Stream) => Uint8Array | undefined;

export type ConnectivityMember<Kind extends string, Options extends TProperties> = Member<
  Kind,
  Options,
  (options: Static<TObject<Options>>) => Connect
>;

export function connectivityMember<const Kind extends string, Options extends TProperties>(
  definition: ConnectivityMember<Kind, Options>,
): ConnectivityMember<Kind, Options> {
  return definition;
}
