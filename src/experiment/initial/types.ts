/** How the first weights of a projection are made. */

import type { Static, TObject, TProperties } from "@sinclair/typebox";
import type { Stream } from "../../core/random.ts";
import type { Member } from "../../core/table.ts";

/** Connections of one projection, and where its weights go. */
export interface Connections {
  /** `"input>hidden"`. */
  readonly name: string;
  readonly sources: number;
  readonly targets: number;
  /** Connections that each target has: `sources`, or fewer where the projection is sparse. */
  readonly fanIn: Int32Array;
  /** `weights[source · targets + target]`, model units. */
  readonly weights: Float64Array;
}

/** Writes all weights; those of connections that do not exist are set to 0 afterwards. */
export type Initializer = (connections: Connections, draws: Stream) => void;

export type InitialMember<Kind extends string, Options extends TProperties> = Member<
  Kind,
  Options,
  (options: Static<TObject<Options>>) => Initializer
>;

export function initialMember<const Kind extends string, Options extends TProperties>(
  definition: InitialMember<Kind, Options>,
): InitialMember<Kind, Options> {
  return definition;
}
