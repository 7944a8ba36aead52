/**
 * MLflow: the folder of its file store (`mlruns`), with one experiment and one run in it.
 *
 *     mlruns/<experiment id>/meta.yaml
 *     mlruns/<experiment id>/<run id>/meta.yaml, metrics/<name>, params/<name>, tags/<name>, artifacts/
 *
 * A metric is a text file with a line `timestamp value step` per row, in milliseconds of the Unix epoch. Times are when
 * a row was logged: they are all that two runs of one experiment do not share, with the ids of the runs. The ids come
 * from the name of the experiment and the place of the run, so folders of many runs can be copied into one `mlruns`.
 */

import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { createFolder, fileError, writeAtomic } from "../core/durable-files.ts";
import { sha256 } from "../core/sealed-json.ts";
import { type LoggedOutcome, type LoggedRow, type LoggerMember, tagOf } from "./types.ts";

const FOLDER = "mlruns";
/** Statuses of the file store, by number. */
const STATUS = { running: 1, finished: 3, failed: 4, interrupted: 5 } as const;
/** More characters are no value of a parameter. */
const LONGEST_VALUE = 500;

export const mlflow = {
  kind: "mlflow",
  summary: "a folder of MLflow's file store in the run folder: mlflow ui --backend-store-uri <run>/mlruns",
  open({ folder, name, parameters, rows }) {
    const place = resolve(folder);
    // Eighteen digits and 32 hexadecimal ones, as MLflow's own ids have.
    const experiment = String(BigInt(`0x${sha256(name).slice(0, 14)}`) + 100_000_000_000_000_000n).slice(
      0,
      18,
    );
    const id = sha256(`${name}\n${place}`).slice(0, 32);
    const parent = join(place, FOLDER, experiment);
    const run = join(parent, id);
    const now = Date.now();
    for (const part of ["metrics", "params", "tags", "artifacts"]) createFolder(join(run, part));
    const meta = join(parent, "meta.yaml");
    if (!existsSync(meta)) writeAtomic(meta, experimentMeta(experiment, name, parent, now));
    const runMeta = join(run, "meta.yaml");
    const began = startOf(runMeta) ?? now;
    const writeMeta = (status: keyof typeof STATUS, end: number | null): void =>
      writeAtomic(runMeta, runMetaText({ experiment, id, name, run, began, end, status: STATUS[status] }));
    writeMeta("running", null);
    for (const [path, value] of Object.entries(parameters))
      writeText(join(run, "params", fileName(path)), value.slice(0, LONGEST_VALUE));
    writeText(join(run, "tags", "mlflow.runName"), name);
    writeText(join(run, "tags", "mlflow.source.type"), "LOCAL");
    reconcile(join(run, "metrics"), rows, now);
    return {
      append(row) {
        const time = Date.now();
        for (const [column, value] of Object.entries(row.values)) {
          const path = join(run, "metrics", metricFile(column, row.split));
          createFolder(dirname(path));
          try {
            appendFileSync(path, metricLine(time, value, row.epoch));
          } catch (cause) {
            throw fileError(path, cause);
          }
        }
      },
      close: (outcome: LoggedOutcome) => writeMeta(outcome, Date.now()),
    };
  },
} as const satisfies LoggerMember;

/** Writes each metric so that it holds `rows`; lines that say the same keep their times. */
function reconcile(folder: string, rows: readonly LoggedRow[], now: number): void {
  const wanted = new Map<string, [value: number, step: number][]>();
  for (const { epoch, split, values } of rows) {
    for (const [column, value] of Object.entries(values)) {
      const file = metricFile(column, split);
      wanted.set(file, [...(wanted.get(file) ?? []), [value, epoch]]);
    }
  }
  // Files without a row left would show epochs that the run goes through again.
  for (const file of filesBelow(folder)) if (!wanted.has(file)) writeText(join(folder, file), "");
  for (const [file, lines] of wanted) {
    const path = join(folder, file);
    const earlier = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
    const text = lines.map(([value, step], i) => {
      const [time, ...rest] = (earlier[i] ?? "").split(" ");
      const same = rest.join(" ") === `${value} ${step}`;
      return metricLine(same ? Number(time) : now, value, step);
    });
    createFolder(dirname(path));
    writeText(path, text.join(""));
  }
}

const metricLine = (time: number, value: number, step: number): string => `${time} ${value} ${step}\n`;

const metricFile = (column: string, split: string): string => fileName(tagOf(column, split));

/** MLflow takes letters, digits and `_-. :/` in names: `input>hidden` becomes `input-hidden`. */
function fileName(name: string): string {
  return name.replaceAll(/[^\w\-. :/]+/g, "-");
}

/** Names of all files, relative to `folder`. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** Not flushed to the disk file by file: they are hundreds, and a run that goes on writes them anew. */
function writeText(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw fileError(path, cause);
  }
}

/** When an earlier call began the run. */
function startOf(runMeta: string): number | undefined {
  if (!existsSync(runMeta)) return undefined;
  const time = /^start_time: (\d+)$/m.exec(readFileSync(runMeta, "utf8"))?.[1];
  return time === undefined ? undefined : Number(time);
}

function experimentMeta(id: string, name: string, folder: string, now: number): string {
  return yaml({
    artifact_location: pathToFileURL(folder).href,
    creation_time: now,
    experiment_id: id,
    last_update_time: now,
    lifecycle_stage: "active",
    name,
  });
}

interface RunMeta {
  readonly experiment: string;
  readonly id: string;
  readonly name: string;
  /** Folder of the run in the store. */
  readonly run: string;
  readonly began: number;
  readonly end: number | null;
  readonly status: number;
}

function runMetaText({ experiment, id, name, run, began, end, status }: RunMeta): string {
  return yaml({
    artifact_uri: pathToFileURL(join(run, "artifacts")).href,
    end_time: end,
    entry_point_name: "",
    experiment_id: experiment,
    lifecycle_stage: "active",
    run_id: id,
    run_name: name,
    run_uuid: id,
    source_name: "eventprop",
    source_type: 4,
    source_version: "",
    start_time: began,
    status,
    tags: [],
    user_id: "",
  });
}

/** Scalars in the form of JSON are YAML: an id of digits stays a text, whatever reads it. */
function yaml(values: Readonly<Record<string, string | number | null | readonly never[]>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join("");
}
