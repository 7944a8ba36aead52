/**
 * The data of an experiment file, or of a data file without an experiment: for looking at samples before there is a
 * network. Only the keys `data` and `encoding` are read and checked; the rest of an experiment may be missing.
 */

import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Static, Type } from "@sinclair/typebox";
import { parseCsv } from "../core/csv-text.ts";
import { UserError } from "../core/errors.ts";
import { tableSchema } from "../core/table.ts";
import {
  createEncoder,
  DATASETS,
  type DatasetConfig,
  ENCODERS,
  type EncoderConfig,
  openDataset,
} from "../data/index.ts";
import { readTextFile } from "../data/text-file.ts";
import { type DatasetSplits, type Encoder, isEventData } from "../data/types.ts";
import { readExtended } from "./extend.ts";
import { applyOverride } from "./overrides.ts";
import { resolveConfig } from "./resolve-config.ts";
import { experimentPath } from "./shipped.ts";
import { positionOf } from "./source.ts";
import { type MapNode, type Path, valueMark } from "./tree.ts";
import { createValidator } from "./validate.ts";

export interface LoadedData {
  readonly data: DatasetSplits;
  readonly encoder: Encoder;
  readonly dataConfig: DatasetConfig;
  readonly encoding: EncoderConfig;
}

const schema = Type.Object({
  data: tableSchema(DATASETS, { description: "Labeled samples." }),
  encoding: Type.Optional(tableSchema(ENCODERS, { description: "How features become input spikes." })),
});

/**
 * @param file an experiment, by path or by the name of a shipped one; or a file or folder of data
 * @param set `data.label=species`, and other values of the two keys
 * @throws UserError with exit code 3
 */
export function loadData(
  file: string,
  { set = [], folder = process.cwd() }: { set?: readonly string[]; folder?: string },
): LoadedData {
  const path = experimentPath(file, folder);
  const isExperiment = /\.ya?ml$/i.test(path) || !existsSync(path);
  const written = isExperiment ? readExtended(path, file).root : experimentOf(path, file, folder);
  const merged = set.reduce((root, text, i) => applyOverride(root, text, `--set #${i + 1}`, folder), written);
  const entries = new Map([...merged.entries].filter(([key]) => key === "data" || key === "encoding"));
  const { root, values } = resolveConfig({ ...merged, entries }, createValidator(schema));
  const config = values as Static<typeof schema>;
  const place = (at: Path) => (isExperiment ? { where: positionOf(valueMark(root, at)) } : {});
  const attempt = <T>(at: Path, make: () => T): T => {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof UserError) || error.where !== undefined) throw error;
      throw new UserError(error.code, error.message, {
        ...place(at),
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
    }
  };
  const dataConfig = config.data as DatasetConfig;
  const data = attempt(["data"], () => openDataset(dataConfig));
  const encoding = (config.encoding ?? usualEncoding(data)) as EncoderConfig;
  const encoder = attempt(["encoding"], () => createEncoder(encoding, data));
  return { data, encoder, dataConfig, encoding };
}

/** What `encoding` is when the file leaves it out, times in µs: recorded spikes as they are, features as an experiment has them. */
function usualEncoding({ train }: DatasetSplits): EncoderConfig {
  return isEventData(train)
    ? { kind: "events", timeScale: 1, start: 0 }
    : { kind: "latency", early: 2, late: 26, copies: 1, spikes: 1, spacing: 1 };
}

/** An experiment that only names its data: what kind they are is seen from the name, of tables from the first row. */
function experimentOf(path: string, file: string, folder: string): MapNode {
  const kind = kindOf(path, file);
  const written = JSON.stringify({ kind, path: resolve(folder, file) });
  const mark = { source: { name: file, text: "", folder }, start: 0, end: 0 };
  return applyOverride({ kind: "map", entries: new Map(), mark }, `data=${written}`, file, folder);
}

function kindOf(path: string, file: string): DatasetConfig["kind"] {
  if (statSync(path).isDirectory()) {
    const images = ["train-images-idx3-ubyte", "train-images-idx3-ubyte.gz", "train-images.idx3-ubyte"];
    if (images.some((name) => existsSync(join(path, name)))) return "idx";
    throw new UserError("input-file", `${file} is a folder without train-images-idx3-ubyte`, {
      hint: "name a file in it, or write an experiment with `data`",
    });
  }
  if (/\.npz$/i.test(path)) return "npz";
  if (/\.(h5|hdf5)$/i.test(path)) return "events-hdf5";
  if (!/\.(csv|tsv|txt|data)$/i.test(path)) {
    const hint =
      "files are recognized by .csv, .tsv, .txt, .data, .npz, .h5 and .hdf5; for others write an experiment with `data`";
    throw new UserError("input-file", `${file}: which kind of data this is cannot be seen from its name`, {
      hint,
    });
  }
  // The first line alone: what is wrong with the others is said by the data set.
  const [line = ""] = readTextFile(path)
    .trimStart()
    .split(/\r\n|\n|\r/, 1);
  const names = line === "" ? [] : parseCsv(line, file, { header: false }).rows[0]!.cells;
  return ["sample", "source", "time_us"].every((name) => names.includes(name)) ? "events-csv" : "table";
}
