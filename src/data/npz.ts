/**
 * Arrays of numpy, in an `.npz` or in a folder of `.npy` files: features (samples in rows) and labels, or recorded spikes as
 * three arrays of the same length (`sample`, `source`, `time`) and labels. Labels are numbers or text.
 *
 *     numpy.savez("mine.npz", features=x, labels=y)
 *     numpy.savez("spikes.npz", sample=s, source=c, time=t, labels=y)          # times in µs
 */

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Static, type TObject, Type } from "@sinclair/typebox";
import { UserError } from "../core/errors.ts";
import { choiceSchema, fileSchema } from "../core/option-schemas.ts";
import { listed } from "../core/suggest.ts";
import { member } from "../core/table.ts";
import { namedClasses } from "./classes.ts";
import { featureSplits } from "./feature-splits.ts";
import { type NumpyArray, parseNpy, parseNpyNames } from "./npy.ts";
import { eventSplits, MAX_CHANNELS, splitOptions } from "./recorded.ts";
import { readBytes } from "./text-file.ts";
import type { DatasetSplits } from "./types.ts";
import { unzipped } from "./unpack.ts";

const options = {
  path: fileSchema({
    description: "An .npz file of numpy, or a folder of .npy files, relative to the experiment file.",
  }),
  features: Type.String({
    default: "features",
    description: "Name of the array of features, if there is one.",
  }),
  labels: Type.String({ default: "labels", description: "Name of the array of classes, one per sample." }),
  scale: choiceSchema(["min-max", "per-feature", "none"], {
    default: "min-max",
    description:
      "min-max: map the range of all training features to 0 … 1; per-feature: each one on its own; none: they are in 0 … 1 already.",
  }),
  ...splitOptions,
};

export const npz = member({
  kind: "npz",
  summary: "arrays of numpy: features and labels, or sample, source and time of spikes and labels",
  options,
  create: (chosen: Static<TObject<typeof options>>): DatasetSplits => {
    const { path } = chosen;
    const entries = arraysIn(path);
    const names = [...entries.keys()];
    const has = (name: string): boolean => entries.has(name);
    const parsed = <T>(name: string, parse: (bytes: Uint8Array, what: string) => T): T => {
      const bytes = entries.get(name);
      if (bytes !== undefined) return parse(bytes(), `${path}, array ${name}`);
      throw new UserError("input-file", `${path} has no array "${name}"`, {
        hint: `it has: ${listed(names)}`,
      });
    };
    const array = (name: string): NumpyArray => parsed(name, parseNpy);
    const labels = parsed(chosen.labels, parseNpyNames);
    if (!has(chosen.features) && has("time")) {
      const [sample, source, time] = ["sample", "source", "time"].map(array);
      return eventSplits(spikes(sample!, source!, time!, labels, path), chosen, path);
    }
    const { shape, values } = array(chosen.features);
    if (shape.length < 2 || shape[0] !== labels.length) {
      const what = `array ${chosen.features} has shape (${shape.join(", ")})`;
      throw new UserError(
        "input-file",
        `${path}: ${what}, ${labels.length} rows are expected, one per label`,
      );
    }
    return featureSplits(values, namedClasses(labels, path), chosen, path);
  },
});

/** Bytes of each array by its name; files of a folder are read when they are asked for. */
function arraysIn(path: string): ReadonlyMap<string, () => Uint8Array> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true)
    return new Map(
      [...unzipped(readBytes(path), path)].map(([name, bytes]) => [name.replace(/\.npy$/, ""), () => bytes]),
    );
  const files = readdirSync(path).filter((name) => name.endsWith(".npy"));
  return new Map(files.sort().map((name) => [name.replace(/\.npy$/, ""), () => readBytes(join(path, name))]));
}

function spikes(
  sample: NumpyArray,
  source: NumpyArray,
  time: NumpyArray,
  labels: readonly string[],
  path: string,
) {
  const count = time.values.length;
  if (sample.values.length !== count || source.values.length !== count)
    throw new UserError("input-file", `${path}: sample, source and time have different lengths`);
  const index = (name: string, { values }: NumpyArray, most: number): Int32Array =>
    Int32Array.from(values, (value, i) => {
      if (Number.isInteger(value) && value >= 0 && value < most) return value;
      throw new UserError(
        "input-file",
        `${path}, array ${name}, entry ${i}: ${value} is not from 0 to ${most - 1}`,
      );
    });
  const bad = time.values.findIndex((value) => !(value >= 0 && Number.isFinite(value)));
  if (bad >= 0)
    throw new UserError("input-file", `${path}, array time, entry ${bad}: ${time.values[bad]} is no time`);
  const channel = index("source", source, MAX_CHANNELS);
  return {
    labels,
    sample: index("sample", sample, labels.length),
    source: channel,
    time: time.values,
    channels: channel.reduce((most, each) => Math.max(most, each + 1), 0),
  };
}
