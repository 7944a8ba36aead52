/**
 * checkpoint.json: all that a run needs to go on bit for bit. One JSON object: format, version, a digest of
 * the body, and the body; typed arrays stand in it as `{"$array": "Float64Array", "data": base64}` in the
 * byte order of the machine (little-endian on all that npm's Node runs on but s390x).
 */

import { readFileSync } from "node:fs";
import { UserError } from "../core/errors.ts";
import { writeAtomic } from "./atomic-file.ts";
import { sha256 } from "./provenance.ts";

const FORMAT = "eventprop-checkpoint";
const VERSION = 1;
const ARRAYS = { Float64Array, Float32Array, Int32Array, Uint32Array, Uint8Array } as const;

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
  /** SHA-256 of the resolved experiment that the run follows. */
  readonly experiment: string;
  /** Epochs completed, and updates of the weights. */
  readonly epoch: number;
  readonly step: number;
  readonly weights: Float64Array;
  /** State of the optimiser, as the optimiser keeps it. */
  readonly optimizer: State;
  /** What else goes on: averaged weights, counters of runs on the chip. */
  readonly extra: State;
}

/** @throws UserError("file") when it cannot be written; an earlier checkpoint is then untouched */
export function writeCheckpoint(path: string, checkpoint: Checkpoint): void {
  const body = JSON.stringify(encode({ ...checkpoint }));
  const head = `{"format":"${FORMAT}","version":${VERSION},"digest":"${sha256(body)}"`;
  writeAtomic(path, `${head},"body":${body}}\n`);
}

/** @throws UserError("file") when it is missing, corrupt, or of another version */
export function readCheckpoint(path: string): Checkpoint {
  const fail = (problem: string, hint: string, cause?: unknown): never => {
    throw new UserError("file", `${path} ${problem}`, { hint, cause });
  };
  let text = "";
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    fail("cannot be read", "is this the folder of a run that got to a checkpoint?", cause);
  }
  const head = /^\{"format":"([\w-]+)","version":(\d+),/.exec(text);
  if (head?.[1] !== FORMAT) fail("is not a checkpoint of this program", "is this the folder of a run?");
  if (Number(head?.[2]) !== VERSION) {
    fail(
      `is a checkpoint of version ${head?.[2]}, this program reads version ${VERSION}`,
      "go on with the version of the program that wrote it (provenance.json names it)",
    );
  }
  const corrupt = "the file was cut or edited; start the run anew, or restore it from a copy";
  let file: { readonly digest?: unknown; readonly body?: unknown } = {};
  try {
    file = JSON.parse(text);
  } catch (cause) {
    fail("is corrupt", corrupt, cause);
  }
  // Our own output survives parsing and printing unchanged, so the digest can be taken of the parsed body.
  if (sha256(JSON.stringify(file.body ?? null)) !== file.digest)
    fail("is corrupt: its digest does not match", corrupt);
  return decode(file.body) as unknown as Checkpoint;
}

function encode(state: State): unknown {
  if (typeof state === "number" && !Number.isFinite(state))
    throw new Error(`a checkpoint cannot hold ${state}`);
  if (state === null || typeof state !== "object") return state;
  if (ArrayBuffer.isView(state)) {
    const bytes = Buffer.from(state.buffer, state.byteOffset, state.byteLength);
    return { $array: state.constructor.name, data: bytes.toString("base64") };
  }
  if (Array.isArray(state)) return state.map(encode);
  return Object.fromEntries(Object.entries(state).map(([key, value]) => [key, encode(value)]));
}

function decode(value: unknown): State {
  if (value === null || typeof value !== "object") return value as State;
  if (Array.isArray(value)) return value.map(decode);
  const record = value as Readonly<Record<string, unknown>>;
  const name = record["$array"];
  if (typeof name === "string" && Object.hasOwn(ARRAYS, name)) {
    const type = ARRAYS[name as keyof typeof ARRAYS];
    const bytes = Uint8Array.from(Buffer.from(record["data"] as string, "base64"));
    return new type(bytes.buffer);
  }
  return Object.fromEntries(Object.entries(record).map(([key, each]) => [key, decode(each)]));
}
