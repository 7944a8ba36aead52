/**
 * A data set of one's own: a CSV file with a column per feature and one with the class of each row. The rows
 * are dealt into training, validation and test samples by a seeded permutation.
 *
 * Latency codes need features in [0, 1]. `scale: min-max` maps the range that a column has in the training
 * rows to it and clips the others; `scale: none` takes the numbers as they are and refuses what is outside.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { type CsvTable, cellError, numberCell, parseCsv } from "../core/csv-text.ts";
import { UserError } from "../core/errors.ts";
import { member } from "../core/family.ts";
import { fileSchema } from "../core/file-reference.ts";
import { permutation, stream } from "../core/random.ts";
import { suggest } from "../core/suggest.ts";
import { readTextFile } from "./text-file.ts";
import type { Dataset, DatasetSplits } from "./types.ts";

const MAX_CLASSES = 256;

const share = (split: string) =>
  Type.Number({ default: 0.15, minimum: 0, maximum: 0.9, description: `Share of the rows for ${split}.` });

const options = {
  path: fileSchema({ description: "CSV file, relative to the experiment file." }),
  label: Type.String({ default: "label", minLength: 1, description: "Column with the class of each row." }),
  features: Type.Optional(
    Type.Array(Type.String(), {
      minItems: 1,
      uniqueItems: true,
      description: "Columns that are features, in this order; all but the label when absent.",
    }),
  ),
  scale: Type.Unsafe<"min-max" | "none">({
    type: "string",
    enum: ["min-max", "none"],
    default: "min-max",
    description:
      "min-max: scale each column to 0 … 1 by its training rows; none: values are in 0 … 1 already.",
  }),
  validation: share("validation"),
  test: share("testing"),
  seed: Type.Integer({ default: 0, minimum: 0, maximum: 0xffffffff, description: "Seed of the split." }),
};

export type TableOptions = Static<TObject<typeof options>>;

export const table = member({
  kind: "table",
  summary: "rows of a CSV file, columns as features, one column as label",
  options,
  create: (chosen: TableOptions) => splitTable(parseCsv(readTextFile(chosen.path), chosen.path), chosen),
});

/** @throws UserError("input-file") naming row and column */
export function splitTable(csv: CsvTable, options: TableOptions): DatasetSplits {
  const labelColumn = columnOf(csv, options.label, "label");
  const names = options.features ?? csv.header.filter((_, column) => column !== labelColumn);
  const columns = names.map((name) => columnOf(csv, name, "features"));
  if (columns.includes(labelColumn)) {
    throw new UserError("input-file", `${csv.file}: the label column "${options.label}" is also a feature`);
  }
  if (columns.length === 0) throw new UserError("input-file", `${csv.file} has no column of features`);
  const classes = classesOf(csv, labelColumn);
  const values = readFeatures(csv, columns, options.scale === "none");
  const order = permutation(csv.rows.length, stream(options.seed, "data/table/split"));
  const validation = Math.round(options.validation * order.length);
  const test = Math.round(options.test * order.length);
  const train = order.length - validation - test;
  if (train < 1) {
    throw new UserError("input-file", `${csv.file}: ${order.length} rows leave none to train on`, {
      hint: "lower `validation` and `test`, or add rows",
    });
  }
  if (options.scale === "min-max") scaleByRows(values, columns.length, order.subarray(0, train));
  const pick = (rows: Int32Array): Dataset => {
    const features = new Float64Array(rows.length * columns.length);
    const labels = new Uint8Array(rows.length);
    rows.forEach((row, sample) => {
      const from = row * columns.length;
      features.set(values.subarray(from, from + columns.length), sample * columns.length);
      labels[sample] = classes.indexOf(csv.rows[row]?.cells[labelColumn] as string);
    });
    return {
      size: rows.length,
      featureCount: columns.length,
      classes: classes.length,
      classNames: classes,
      features,
      labels,
    };
  };
  return {
    train: pick(order.subarray(0, train)),
    validation: pick(order.subarray(train, train + validation)),
    test: pick(order.subarray(train + validation)),
  };
}

function columnOf(csv: CsvTable, name: string, option: string): number {
  const column = csv.header.indexOf(name);
  if (column >= 0) return column;
  const meant = suggest(name, csv.header);
  const hint = meant === undefined ? `columns are: ${csv.header.join(", ")}` : `did you mean "${meant}"?`;
  throw new UserError("input-file", `${csv.file} has no column "${name}" (option \`${option}\`)`, { hint });
}

/** Distinct labels in ascending order: by value when all are numbers, else as text. */
function classesOf(csv: CsvTable, column: number): string[] {
  const seen = new Set<string>();
  for (const row of csv.rows) {
    const label = row.cells[column] as string;
    if (label === "") throw cellError(csv, row, column, "is empty, a class is expected");
    seen.add(label);
    if (seen.size > MAX_CLASSES) {
      const hint = "is this the column of classes?";
      throw cellError(csv, row, column, `more than ${MAX_CLASSES} classes`, hint);
    }
  }
  if (seen.size < 2) {
    throw new UserError("input-file", `${csv.file}: column ${csv.header[column]} has fewer than 2 classes`);
  }
  const numeric = [...seen].every((label) => Number.isFinite(Number(label)));
  return [...seen].sort((a, b) => (numeric ? Number(a) - Number(b) : a < b ? -1 : 1));
}

/** `values[row * columns.length + feature]` */
function readFeatures(csv: CsvTable, columns: readonly number[], inRange: boolean): Float64Array {
  const values = new Float64Array(csv.rows.length * columns.length);
  csv.rows.forEach((row, i) => {
    columns.forEach((column, feature) => {
      const value = numberCell(csv, row, column);
      if (inRange && (value < 0 || value > 1)) {
        throw cellError(
          csv,
          row,
          column,
          `${value} is outside 0 … 1`,
          "set `scale: min-max` to scale columns",
        );
      }
      values[i * columns.length + feature] = value;
    });
  });
  return values;
}

/** Maps each column's range over `rows` to [0, 1] in place and clips; a constant column becomes 0. */
function scaleByRows(values: Float64Array, featureCount: number, rows: Int32Array): void {
  for (let feature = 0; feature < featureCount; feature++) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const row of rows) {
      const value = values[row * featureCount + feature]!;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    const range = high > low ? high - low : 1;
    for (let at = feature; at < values.length; at += featureCount) {
      values[at] = Math.min(1, Math.max(0, (values[at]! - low) / range));
    }
  }
}
