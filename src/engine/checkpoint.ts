/**
 * checkpoint.bin: all that a run needs to go on bit for bit. The first line is JSON: format, version, and the SHA-256
 * of all that follows. The second line is the state as JSON, in which a typed array stands as
 * `{"$array": "Float64Array", "at": offset, "length": n}`; the bytes of the arrays follow, one array after the other,
 * each from a multiple of 8, in the byte order of the machine (little-endian on all that npm's Node runs on but
 * s390x). Numbers as bytes keep a checkpoint of any network small and quick to write: a network of 4096 x 4096 has
 * no room in a JSON text.
 */

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeAtomic } from "../core/durable-files.ts";
import { fileReason, UserError } from "../core/errors.ts";
import type { Network } from "../network/network.ts";
import { type EpochTotals, newTotals, type SavedTotals } from "./epoch-totals.ts";
import type { MetricsMark } from "./metrics.ts";
import { RUN_FILES } from "./run-folder.ts";
import type { RunIdentity } from "./run-identity.ts";
import type { Trainer, TrainingState } from "./trainer.ts";

const FORMAT = "eventprop-checkpoint";
const VERSION = 3;
const ARRAYS = { Float64Array, Float32Array, Int32Array, Uint32Array, Uint8Array } as const;
/** Name of a checkpoint of version 1, which was a JSON text. */
const EARLIER = "checkpoint.json";

type NumericArray = Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array;

/** Plain data with typed arrays anywhere in it; numbers are finite. */
export type State =
  | null
  | boolean
  | number
  | string
  | NumericArray
  | readonly State[]
  | { readonly [key: string]: State };

export interface Checkpoint {
  /** What decides the run's result; a run goes on only where nothing of it has changed. */
  readonly identity: RunIdentity;
  /** Epochs completed, and updates of the weights. */
  readonly epoch: number;
  readonly step: number;
  /** Whether the test was evaluated: nothing is left to do but to write the result. */
  readonly ended: boolean;
  /** Seconds of work up to here, over all calls that worked on the run. */
  readonly wallSeconds: number;
  /** What metrics.csv held on the disk when the checkpoint was written. */
  readonly metrics: MetricsMark;
  readonly weights: Float64Array;
  /** State of the optimizer, as the optimizer keeps it. */
  readonly optimizer: State;
  /** What else goes on: averaged weights, sums of an epoch that is not complete. */
  readonly extra: State;
}

/** @throws UserError("file") when it cannot be written; an earlier checkpoint is then untouched */
export function writeCheckpoint(path: string, checkpoint: Checkpoint): void {
  const arrays: Uint8Array[] = [];
  let at = 0;
  const place = (array: NumericArray): number => {
    const start = at;
    arrays.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    const padding = -array.byteLength & 7;
    if (padding > 0) arrays.push(new Uint8Array(padding));
    at += array.byteLength + padding;
    return start;
  };
  const state = `${JSON.stringify(encode(checkpoint as unknown as State, place))}\n`;
  const hash = createHash("sha256").update(state);
  for (const array of arrays) hash.update(array);
  const head = { format: FORMAT, version: VERSION, sha256: hash.digest("hex") };
  writeAtomic(path, `${JSON.stringify(head)}\n`, state, ...arrays);
}

/** @throws UserError("file") when it is missing, damaged, or of another version */
export function readCheckpoint(path: string): Checkpoint {
  const fail = (problem: string, hint: string, cause?: unknown): never => {
    throw new UserError("file", `${path} ${problem}`, { hint, cause });
  };
  let bytes = Buffer.alloc(0);
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    if (existsSync(join(dirname(path), EARLIER)))
      fail(`is missing: ${EARLIER} is of an earlier version of this program`, "start the run anew");
    fail(
      `cannot be read: ${fileReason(cause) ?? String(cause)}`,
      "is this the folder of a run that got to a checkpoint?",
      cause,
    );
  }
  const headEnd = bytes.indexOf("\n") + 1;
  const head = /^\{"format":"([\w-]+)","version":(\d+),"sha256":"([0-9a-f]{64})"\}\n$/.exec(
    bytes.toString("latin1", 0, Math.min(headEnd, 200)),
  );
  if (head?.[1] !== FORMAT)
    return fail("is not a checkpoint of this program", "is this the folder of a run?");
  if (Number(head[2]) !== VERSION)
    fail(
      `is a checkpoint of version ${head[2]}, this program reads version ${VERSION}`,
      "go on with the version of the program that wrote it (provenance.json names it)",
    );
  const body = bytes.subarray(headEnd);
  if (createHash("sha256").update(body).digest("hex") !== head[3])
    fail(
      "is damaged: its digest does not match",
      "the file was cut or edited; start the run anew, or restore it from a copy",
    );
  const stateEnd = body.indexOf("\n") + 1;
  const arrays = body.subarray(stateEnd);
  return decode(JSON.parse(body.toString("utf8", 0, stateEnd)), arrays) as unknown as Checkpoint;
}

function encode(state: State, place: (array: NumericArray) => number): unknown {
  if (typeof state === "number" && !Number.isFinite(state))
    throw new Error(`a checkpoint cannot hold ${state}`);
  if (state === null || typeof state !== "object") return state;
  if (ArrayBuffer.isView(state))
    return { $array: state.constructor.name, at: place(state), length: state.length };
  if (Array.isArray(state)) return state.map((each) => encode(each, place));
  return Object.fromEntries(Object.entries(state).map(([key, value]) => [key, encode(value, place)]));
}

function decode(value: unknown, arrays: Uint8Array): State {
  if (value === null || typeof value !== "object") return value as State;
  if (Array.isArray(value)) return value.map((each) => decode(each, arrays));
  const record = value as Readonly<Record<string, unknown>>;
  const name = record["$array"];
  if (typeof name === "string" && Object.hasOwn(ARRAYS, name)) {
    const type = ARRAYS[name as keyof typeof ARRAYS];
    const at = record["at"] as number;
    // Copied: an array of its own, whose place in the file does not have to suit its type.
    const end = at + (record["length"] as number) * type.BYTES_PER_ELEMENT;
    return new type(new Uint8Array(arrays.subarray(at, end)).buffer);
  }
  return Object.fromEntries(Object.entries(record).map(([key, each]) => [key, decode(each, arrays)]));
}

// Between the training loop and the file --------------------------------------------------------------------

// Between the training loop and checkpoint.bin: what a run needs to go on, also from within an epoch.

interface Extra {
  readonly average: TrainingState["average"] | null;
  readonly best: Float64Array | null;
  readonly updates: Float64Array | null;
  readonly totals: SavedTotals | null;
}

/** Where a run starts: at the beginning, or where a checkpoint left it. */
export interface Start {
  readonly epoch: number;
  /** The test was evaluated already. */
  readonly ended?: boolean;
  /** The training is meant to be longer than the checkpoint says. */
  readonly longer?: boolean;
  readonly trainer?: TrainingState;
  readonly totals?: EpochTotals;
  /** The rows of metrics.csv to go on after. */
  readonly metrics?: MetricsMark;
}

/** What the checkpoints of a run say about the run itself. */
export interface CheckpointHead {
  readonly identity: RunIdentity;
  /** Seconds of work so far, over all calls. */
  readonly wallSeconds: () => number;
}

export interface Progress {
  readonly trainer: Trainer;
  readonly epoch: number;
  readonly ended: boolean;
  readonly metrics: MetricsMark;
  /** Of an epoch that is not complete. */
  readonly totals?: EpochTotals | undefined;
}

export function saveProgress(folder: string, head: CheckpointHead, progress: Progress): void {
  const { trainer, epoch, ended, metrics, totals } = progress;
  const { weights, optimizer, average, best, updates } = trainer.state;
  const extra: Extra = {
    average: average ?? null,
    best: best ?? null,
    updates: updates ?? null,
    totals: totals?.saved() ?? null,
  };
  writeCheckpoint(join(folder, RUN_FILES.checkpoint), {
    identity: head.identity,
    epoch,
    step: optimizer.step,
    ended,
    wallSeconds: head.wallSeconds(),
    metrics,
    weights,
    optimizer: optimizer as unknown as State,
    extra: extra as unknown as State,
  });
}

/**
 * @param epochs how long the training is meant to be now
 * @throws UserError("file") when the checkpoint belongs to another network
 */
export function resumeFrom(checkpoint: Checkpoint, network: Network, epochs: number): Start {
  const { weights, optimizer, extra, epoch, ended, metrics } = checkpoint;
  if (weights.length !== network.parameters)
    throw new UserError(
      "file",
      `the checkpoint has ${weights.length} weights, the network ${network.parameters}`,
    );
  const { average, best, updates, totals } = extra as unknown as Extra;
  const trainer = {
    weights,
    optimizer: optimizer as unknown as TrainingState["optimizer"],
    ...(average == null ? {} : { average }),
    ...(best == null ? {} : { best }),
    ...(updates == null ? {} : { updates }),
  };
  return {
    epoch,
    ended,
    longer: epochs !== checkpoint.identity.epochs,
    metrics,
    trainer,
    ...(totals === null ? {} : { totals: newTotals(network, totals) }),
  };
}
