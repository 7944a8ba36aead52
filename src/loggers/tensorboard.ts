/**
 * TensorBoard: one event file per run, a record per row of metrics.csv with all its numbers as scalars. A record is a
 * protocol buffer `Event` (tensorflow/core/util/event.proto, summary.proto):
 *
 *     Event   { 1: double wall_time   2: int64 step   3: string file_version   5: Summary summary }
 *     Summary { repeated 1: Value { 1: string tag   2: float simple_value } }
 *
 * wall_time is when the row was logged: the only thing in the file that two runs of one experiment do not share.
 */

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createFolder, fileError, writeAtomic } from "../core/durable-files.ts";
import { recordBytes, recordsOf } from "./tfrecord.ts";
import { type LoggedRow, type LoggerMember, tagOf } from "./types.ts";

const FOLDER = "tensorboard";
/** TensorBoard takes files with `tfevents` in their name. */
const FILE = "events.out.tfevents.0.eventprop";
const FIRST = "brain.Event:2";

export const tensorboard = {
  kind: "tensorboard",
  summary: "event files for TensorBoard, in the run folder: tensorboard --logdir runs",
  open({ folder, rows }) {
    createFolder(join(folder, FOLDER));
    const path = join(folder, FOLDER, FILE);
    const earlier = existsSync(path) ? recordsOf(readFileSync(path)) : [];
    const now = Date.now() / 1000;
    const [version = event(now, 0, FIRST), ...logged] = earlier;
    // What is there of the rows keeps its times; a row that was lost, or that metrics.csv does not have, ends it.
    const kept = logged.slice(0, rows.length);
    const differs = kept.findIndex((record, i) => !hasSameNumbers(record, rows[i]!));
    const good = differs < 0 ? kept : kept.slice(0, differs);
    const missing = rows.slice(good.length).map((row) => rowEvent(now, row));
    writeAtomic(path, ...[version, ...good, ...missing].map(recordBytes));
    return {
      append(row) {
        try {
          appendFileSync(path, recordBytes(rowEvent(Date.now() / 1000, row)));
        } catch (cause) {
          throw fileError(path, cause);
        }
      },
      close() {},
    };
  },
} as const satisfies LoggerMember;

function rowEvent(time: number, { epoch, split, values }: LoggedRow): Uint8Array {
  const scalars = Object.entries(values).map(([column, value]) => {
    const number = Buffer.alloc(4);
    number.writeFloatLE(value);
    return field(1, [field(1, Buffer.from(tagOf(column, split))), Buffer.from([FIXED_32(2)]), number]);
  });
  return event(time, epoch, field(5, scalars));
}

/** @param content name of the format in the first event, a summary in all others */
function event(time: number, step: number, content: string | Uint8Array): Uint8Array {
  const wallTime = Buffer.alloc(8);
  wallTime.writeDoubleLE(time);
  return Buffer.concat([
    Buffer.from([FIXED_64(1)]),
    wallTime,
    Buffer.from([VARINT(2)]),
    varint(step),
    typeof content === "string" ? field(3, Buffer.from(content)) : content,
  ]);
}

/** Where the time stands in every event of this program, and its length. */
const TIME_END = 9;

/** Whether a record says what the row does, whenever it was written. */
function hasSameNumbers(record: Uint8Array, row: LoggedRow): boolean {
  return Buffer.from(record)
    .subarray(TIME_END)
    .equals(Buffer.from(rowEvent(0, row)).subarray(TIME_END));
}

const VARINT = (number: number): number => number << 3;
const FIXED_64 = (number: number): number => (number << 3) | 1;
const FIXED_32 = (number: number): number => (number << 3) | 5;

/** A field of bytes, or of a message made of parts. */
function field(number: number, content: Uint8Array | readonly Uint8Array[]): Uint8Array {
  const bytes = content instanceof Uint8Array ? content : Buffer.concat(content);
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes]);
}

/** Seven bits a byte, the lowest first. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Uint8Array.from([...bytes, rest]);
}
