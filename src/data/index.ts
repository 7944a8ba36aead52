/** The tables of data sets and encoders: `data.kind` and `encoder.kind` of an experiment file. */

import { memberOf, type OptionsOf } from "../core/family.ts";
import { latency } from "./encoders.ts";
import { table } from "./table.ts";
import type { DatasetSplits, Encoder } from "./types.ts";
import { yinYang } from "./yin-yang.ts";

export const DATASETS = [yinYang, table] as const;
export type DatasetConfig = OptionsOf<(typeof DATASETS)[number]>;

export const ENCODERS = [latency] as const;
export type EncoderConfig = OptionsOf<(typeof ENCODERS)[number]>;

/** @throws UserError("input-file") when a file cannot be used */
export function openDataset(config: DatasetConfig): DatasetSplits {
  return memberOf(DATASETS, config.kind).create(config as never);
}

export function createEncoder(config: EncoderConfig, featureCount: number): Encoder {
  return memberOf(ENCODERS, config.kind).create(config as never, featureCount);
}
