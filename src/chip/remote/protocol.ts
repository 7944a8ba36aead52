/** What host and server say to each other: requests, answers, and the kinds of failure (docs/remote-chip.md). */

import type { ChipInfo, Recording, RunOptions, SpikeBatch } from "../types.ts";

export const PROTOCOL = 1;
export const DEFAULT_PORT = 7727;

/** Every request carries a number; its answer carries the same one. */
export type Request =
  | { readonly type: "open"; readonly id: number; readonly protocol: number; readonly noiseSeed?: number }
  /** Without sections it asks whether the server has the configuration; with them it brings what differs from `base`. */
  | {
      readonly type: "load";
      readonly id: number;
      readonly digest: string;
      readonly base?: string;
      readonly sections?: object;
    }
  /** `batch` names the work: asked again under the same name, the server gives the answer that it has already. */
  | {
      readonly type: "observe";
      readonly id: number;
      readonly batch: string;
      readonly digest: string;
      readonly spikes: SpikeBatch;
      readonly options: RunOptions;
    };

export interface Capabilities {
  /** Entries that one run can hold; longer batches are answered in part, and the host asks for the rest. */
  readonly entries: number;
}

export type Answer =
  | {
      readonly type: "opened";
      readonly id: number;
      readonly info: ChipInfo;
      readonly capabilities: Capabilities;
    }
  | { readonly type: "loaded"; readonly id: number }
  /** The server does not have this configuration, or not the base of the change. */
  | { readonly type: "unknown"; readonly id: number }
  /** `done` entries of the batch, from its first one on. */
  | { readonly type: "observed"; readonly id: number; readonly done: number; readonly recording: Recording }
  | {
      readonly type: "failed";
      readonly id: number;
      readonly kind: FailureKind;
      readonly message: string;
      readonly hint?: string;
    };

/**
 * `busy`: too much work waits; ask again later. `refused`: words or events that no chip takes; asking again does not
 * help. `fault`: the chip itself failed.
 */
export type FailureKind = "busy" | "refused" | "fault";
