/** The tables of data sets and encoders: `data.kind` and `encoder.kind` of an experiment file. */

import type { OptionsOf } from "../core/family.ts";
import { latency } from "./encoders.ts";
import { table } from "./table.ts";
import type { DatasetSplits, Encoder } from "./types.ts";
import { yinYang } from "./yin-yang.ts";

export const DATASETS = [yinYang, table] as const;
export type DatasetConfig = OptionsOf<typeof yinYang> | OptionsOf<typeof table>;

export const ENCODERS = [latency] as const;
export type EncoderConfig = OptionsOf<typeof latency>;

/** @throws UserError("input-file") when a file cannot be used */
export function openDataset(config: DatasetConfig): DatasetSplits {
  switch (config.kind) {
    case "yin-yang":
      return yinYang.create(config);
    case "table":
      return table.create(config);
    default:
      return config satisfies never;
  }
}

export function createEncoder(config: EncoderConfig, featureCount: number): Encoder {
  return latency.create(config, featureCount);
}
