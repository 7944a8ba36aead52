/** What host and server say to each other: requests, answers, and the kinds of failure (docs/remote-chip.md). */

import { UserError } from "../../core/errors.ts";
import type { ChipInfo, Recording, RunOptions, SpikeBatch } from "../types.ts";

export const PROTOCOL = 2;
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

// Messages as bytes -----------------------------------------------------------------------------------------

// The messages between a host and a chip on another machine, as bytes (docs/remote-chip.md). A message is a JSON object;
// the word arrays in it travel after the JSON as they lie in memory, little-endian, each from a multiple of 8 bytes on.
//
//     "EVP1" · u32 bytes of JSON · u32 bytes of arrays · JSON, padded with spaces to 8 bytes · arrays, padded with zeros
//
// An array stands in the JSON as {"$": type, "n": length}; the arrays follow in the order of the JSON text.

export type Message = Readonly<Record<string, unknown>> & { readonly type: string };

const MAGIC = 0x31505645; // "EVP1", little-endian
const HEAD = 12;
const ALIGNMENT = 8;
/** Bytes. A whole configuration has 0.3 MB; the spikes and samples of a batch of 10 000 entries some 100 MB. */
const LARGEST_JSON = 1e6;
const LARGEST_BODY = 512e6;

const ARRAY_TYPES = { Int8Array, Uint8Array, Uint16Array, Int32Array, Float64Array } as const;
type ArrayType = keyof typeof ARRAY_TYPES;
type WordArray = InstanceType<(typeof ARRAY_TYPES)[ArrayType]>;

interface ArrayPlace {
  readonly $: ArrayType;
  readonly n: number;
}

export function encodeMessage(message: Message): Buffer[] {
  const arrays: WordArray[] = [];
  const json = JSON.stringify(message, (_, value: unknown) => {
    if (!ArrayBuffer.isView(value)) return value;
    arrays.push(value as WordArray);
    const place: ArrayPlace = { $: value.constructor.name as ArrayType, n: (value as WordArray).length };
    return place;
  });
  const text = Buffer.from(json, "utf8");
  const padding = padded(text.length) - text.length;
  const parts: Buffer[] = [Buffer.alloc(HEAD), text, Buffer.alloc(padding, " ")];
  let body = 0;
  for (const array of arrays) {
    // A copy: the buffers of a recording are written again before the socket has sent them.
    parts.push(Buffer.from(new Uint8Array(array.buffer, array.byteOffset, array.byteLength)));
    parts.push(Buffer.alloc(padded(array.byteLength) - array.byteLength));
    body += padded(array.byteLength);
  }
  const head = parts[0]!;
  head.writeUInt32LE(MAGIC, 0);
  head.writeUInt32LE(text.length + padding, 4);
  head.writeUInt32LE(body, 8);
  return parts;
}

/**
 * Takes bytes as they arrive and gives the messages that are complete.
 * @throws UserError("chip") when the bytes are not messages of this protocol, before it keeps more than a message may have
 */
export function createMessageReader(): (bytes: Buffer) => Message[] {
  let parts: Buffer[] = [];
  let size = 0;
  let awaited = HEAD;
  return (bytes) => {
    parts.push(bytes);
    size += bytes.length;
    const messages: Message[] = [];
    while (size >= awaited) {
      const all = parts.length === 1 ? parts[0]! : Buffer.concat(parts, size);
      parts = [all];
      const { json, body } = readHead(all);
      awaited = HEAD + json + body;
      if (size < awaited) break;
      messages.push(decodeMessage(all.subarray(HEAD, HEAD + json), all.subarray(HEAD + json, awaited)));
      const rest = all.subarray(awaited);
      parts = rest.length === 0 ? [] : [rest];
      size = rest.length;
      awaited = HEAD;
    }
    return messages;
  };
}

function readHead(bytes: Buffer): { readonly json: number; readonly body: number } {
  const json = bytes.readUInt32LE(4);
  const body = bytes.readUInt32LE(8);
  if (bytes.readUInt32LE(0) !== MAGIC) throw notOurs("the bytes do not begin with EVP1");
  if (json > LARGEST_JSON || json % ALIGNMENT !== 0) throw notOurs(`a message claims ${json} bytes of JSON`);
  if (body > LARGEST_BODY || body % ALIGNMENT !== 0)
    throw notOurs(`a message claims ${body} bytes of arrays`);
  return { json, body };
}

function decodeMessage(json: Buffer, body: Buffer): Message {
  let at = 0;
  const places = (_: string, value: unknown): unknown => {
    if (typeof value !== "object" || value === null || !("$" in value)) return value;
    const { $, n } = value as ArrayPlace;
    const type = Object.hasOwn(ARRAY_TYPES, $) ? ARRAY_TYPES[$] : undefined;
    if (type === undefined || !Number.isInteger(n) || n < 0)
      throw notOurs(`an array of type ${JSON.stringify($)}`);
    const bytes = n * type.BYTES_PER_ELEMENT;
    if (at + bytes > body.length) throw notOurs("its arrays are longer than its bytes");
    const array = new type(n);
    new Uint8Array(array.buffer).set(body.subarray(at, at + bytes));
    at += padded(bytes);
    return array;
  };
  let message: unknown;
  try {
    message = JSON.parse(json.toString("utf8"), places);
  } catch (error) {
    throw error instanceof UserError ? error : notOurs("its JSON cannot be read");
  }
  if (typeof message !== "object" || message === null || typeof (message as Message).type !== "string")
    throw notOurs("a message has no type");
  return message as Message;
}

function padded(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function notOurs(reason: string): UserError {
  return new UserError("chip", `not a message of a remote chip: ${reason}`, {
    hint: "is something else behind this address, or another version of this program?",
  });
}
