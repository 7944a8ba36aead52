import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mlflow } from "../../src/loggers/mlflow.ts";
import { tensorboard } from "../../src/loggers/tensorboard.ts";
import { crc32c, recordsOf } from "../../src/loggers/tfrecord.ts";
import type { LoggedRow } from "../../src/loggers/types.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

const row = (epoch: number, split = "train"): LoggedRow => ({
  epoch,
  split,
  values: { loss: 0.5 / epoch, "input>hidden.gradient_norm": 300 * epoch },
});
const run = (rows: readonly LoggedRow[] = [], folder = temporaryFolder()) => ({
  folder,
  name: "smoke",
  parameters: { "optimizer.learningRate": "0.005" },
  rows,
});

/** A protocol buffer as it stands: field number → values, without knowing its schema. */
function fieldsOf(bytes: Uint8Array): Map<number, (number | Uint8Array)[]> {
  const data = Buffer.from(bytes);
  const fields = new Map<number, (number | Uint8Array)[]>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = data[at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < data.length) {
    const key = varint();
    const read = {
      0: varint,
      1: () => {
        at += 8;
        return data.readDoubleLE(at - 8);
      },
      2: () => {
        const length = varint();
        at += length;
        return data.subarray(at - length, at);
      },
      5: () => {
        at += 4;
        return data.readFloatLE(at - 4);
      },
    }[key & 7];
    if (read === undefined) throw new Error(`wire type ${key & 7}`);
    fields.set(key >>> 3, [...(fields.get(key >>> 3) ?? []), read()]);
  }
  return fields;
}

const eventFile = (folder: string): string => {
  const parent = join(folder, "tensorboard");
  return join(parent, readdirSync(parent)[0]!);
};

/** [step, tag, value] of all scalars of an event file. */
function scalarsOf(folder: string): [number, string, number][] {
  return recordsOf(readFileSync(eventFile(folder))).flatMap((record) => {
    const event = fieldsOf(record);
    const summary = event.get(5)?.[0] as Uint8Array | undefined;
    const values = summary === undefined ? [] : (fieldsOf(summary).get(1) as Uint8Array[]);
    return values.map((bytes): [number, string, number] => {
      const value = fieldsOf(bytes);
      return [
        event.get(2)![0] as number,
        Buffer.from(value.get(1)![0] as Uint8Array).toString(),
        value.get(2)![0] as number,
      ];
    });
  });
}

/** Path below the run's folder in the store → text. */
function storeOf(folder: string): Record<string, string> {
  const store = join(folder, "mlruns");
  const files = readdirSync(store, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [
        path.slice(store.length + 1).replace(/^\d{18}\/[0-9a-f]{32}\//, ""),
        readFileSync(path, "utf8"),
      ];
    }),
  );
}
const withoutTimes = (text: string): string => text.replaceAll(/^\d{13} /gm, "");

describe("TensorBoard event files", () => {
  it("have the checksum of RFC 3720", () => {
    expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  });

  it("name their version first, then one event per row with its step", () => {
    const one = run();
    const logger = tensorboard.open(one);
    for (const epoch of [1, 2, 200]) logger.append(row(epoch));
    logger.append(row(200, "test"));
    const [first] = recordsOf(readFileSync(eventFile(one.folder)));
    expect(Buffer.from(fieldsOf(first!).get(3)![0] as Uint8Array).toString()).toBe("brain.Event:2");
    expect(scalarsOf(one.folder)).toEqual([
      ...[1, 2, 200].flatMap((epoch) => [
        [epoch, "loss/train", Math.fround(0.5 / epoch)],
        [epoch, "input>hidden.gradient_norm/train", 300 * epoch],
      ]),
      [200, "loss/test", Math.fround(0.5 / 200)],
      [200, "input>hidden.gradient_norm/test", 60_000],
    ]);
  });

  it("go on after an interruption with every row once, and keep the times of those that are there", () => {
    const one = run();
    const logger = tensorboard.open(one);
    for (const epoch of [1, 2, 3, 4]) logger.append(row(epoch));
    const path = eventFile(one.folder);
    const before = readFileSync(path);
    // Cut within the record of epoch 4; metrics.csv went back to epoch 2, or is ahead of the event file.
    truncateSync(path, before.length - 5);
    tensorboard.open(run([row(1), row(2)], one.folder)).append(row(3));
    expect(scalarsOf(one.folder).map(([step]) => step)).toEqual([1, 1, 2, 2, 3, 3]);
    const kept = recordsOf(before).slice(0, 3);
    expect(recordsOf(readFileSync(path)).slice(0, 3)).toEqual(kept);
    tensorboard.open(
      run(
        [1, 2, 3, 4, 5].map((epoch) => row(epoch)),
        one.folder,
      ),
    );
    expect(scalarsOf(one.folder).map(([step]) => step)).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  });

  it("are begun anew where something else was written", () => {
    const one = run();
    tensorboard.open(one).append(row(1));
    const path = eventFile(one.folder);
    const bytes = readFileSync(path);
    bytes[30]! ^= 1;
    writeFileSync(path, bytes);
    appendFileSync(path, "garbage");
    tensorboard.open(run([row(1)], one.folder));
    expect(scalarsOf(one.folder).length).toBe(2);
  });
});

describe("the folder of MLflow", () => {
  it("has the layout of its file store", () => {
    const one = run();
    const logger = mlflow.open(one);
    logger.append(row(1));
    logger.append(row(2));
    const running = storeOf(one.folder)["meta.yaml"]!;
    expect(running).toMatch(/^status: 1$/m);
    logger.close("finished");
    const store = storeOf(one.folder);
    expect(withoutTimes(store["metrics/loss/train"]!)).toBe("0.5 1\n0.25 2\n");
    expect(store["metrics/loss/train"]).toMatch(/^(\d{13} \S+ \d+\n){2}$/);
    expect(withoutTimes(store["metrics/input-hidden.gradient_norm/train"]!)).toBe("300 1\n600 2\n");
    expect(store["params/optimizer.learningRate"]).toBe("0.005");
    expect(store["tags/mlflow.runName"]).toBe("smoke");
    expect(store["meta.yaml"]).toMatch(/^status: 3$/m);
    expect(store["meta.yaml"]).toMatch(/^end_time: \d{13}$/m);
    const [experiment] = readdirSync(join(one.folder, "mlruns"));
    const meta = readFileSync(join(one.folder, "mlruns", experiment!, "meta.yaml"), "utf8");
    expect(meta).toContain(`experiment_id: "${experiment}"\n`);
    expect(meta).toMatch(/^name: "smoke"$/m);
  });

  it("goes on after an interruption with every row once", () => {
    const one = run();
    const logger = mlflow.open(one);
    for (const epoch of [1, 2, 3]) logger.append(row(epoch));
    logger.append(row(3, "validation"));
    const before = storeOf(one.folder)["metrics/loss/train"]!.split("\n");
    mlflow.open(run([row(1), row(2)], one.folder)).append(row(3));
    const store = storeOf(one.folder);
    expect(withoutTimes(store["metrics/loss/train"]!)).toBe(`0.5 1\n0.25 2\n${0.5 / 3} 3\n`);
    expect(store["metrics/loss/train"]!.split("\n").slice(0, 2)).toEqual(before.slice(0, 2));
    expect(store["metrics/loss/validation"]).toBe("");
  });
});
