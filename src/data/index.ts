/** The tables of data sets and encoders: `data.kind` and `encoding.kind` of an experiment file. */

import { memberOf, type OptionsOf } from "../core/table.ts";
import { digits } from "./digits.ts";
import { latency } from "./encoders.ts";
import { eventsCsv } from "./events-csv.ts";
import { events } from "./events-encoder.ts";
import { eventsHdf5 } from "./events-hdf5.ts";
import { idx } from "./idx.ts";
import { npz } from "./npz.ts";
import { population } from "./population-encoder.ts";
import { rate } from "./rate-encoder.ts";
import { table } from "./table.ts";
import { temporalOrder } from "./temporal-order.ts";
import type { DatasetSplits, Encoder } from "./types.ts";
import { yinYang } from "./yin-yang.ts";

export const DATASETS = [yinYang, digits, table, eventsCsv, eventsHdf5, idx, npz, temporalOrder] as const;
export type DatasetConfig = OptionsOf<(typeof DATASETS)[number]>;

export const ENCODERS = [latency, population, rate, events] as const;
export type EncoderConfig = OptionsOf<(typeof ENCODERS)[number]>;

/** @throws UserError("input-file") when a file cannot be used */
export function openDataset(config: DatasetConfig): DatasetSplits {
  return memberOf(DATASETS, config.kind).create(config as never);
}

/** @throws UserError("compatibility") when the encoder cannot serve these data */
export function createEncoder(config: EncoderConfig, data: DatasetSplits): Encoder {
  return memberOf(ENCODERS, config.kind).create(config as never, data);
}
