/**
 * A data set of one's own: CSV with a column per feature and one with the class of each row. Rows are dealt into
 * training, validation and test samples by a seeded permutation, or by a column, or come from files of their own.
 *
 * Latency codes need features in [0, 1]. `scale: min-max` maps the range that a column has in the training
 * rows to it and clips the others, or the range that `ranges` gives it; `scale: none` takes the numbers as they are and
 * refuses what is outside.
 *
 * One module, though long: options, reading, splits and scaling are the stages of one data set.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import {
  type CsvRow,
  type CsvTable,
  cellError,
  headerThatIsData,
  numberCell,
  parseCsv,
  SEPARATORS,
} from "../core/csv-text.ts";
import { UserError } from "../core/errors.ts";
import { choiceSchema, fileSchema } from "../core/option-schemas.ts";
import { listed, suggest } from "../core/suggest.ts";
import { member } from "../core/table.ts";
import { type ClassNames, knownClasses, namedClasses } from "./classes.ts";
import { dealRows, type RowSplit } from "./split.ts";
import { readTextFile } from "./text-file.ts";
import { type DatasetSplits, type FeatureData, SPLITS } from "./types.ts";

const share = (split: string) =>
  Type.Number({ default: 0.15, minimum: 0, maximum: 0.9, description: `Share of the rows for ${split}.` });

const options = {
  path: fileSchema({ description: "CSV file, relative to the experiment file." }),
  validationPath: Type.Optional(
    fileSchema({ description: "CSV file with the validation samples; `validation` is not used then." }),
  ),
  testPath: Type.Optional(
    fileSchema({ description: "CSV file with the test samples; `test` is not used then." }),
  ),
  label: Type.String({ default: "label", minLength: 1, description: "Column with the class of each row." }),
  features: Type.Optional(
    Type.Array(Type.String(), {
      minItems: 1,
      uniqueItems: true,
      description: "Columns that are features, in this order (default: all but the label).",
    }),
  ),
  header: Type.Boolean({
    default: true,
    description: "Whether the first row names the columns; otherwise they are called c1, c2, …",
  }),
  separator: Type.Optional(
    choiceSchema(Object.keys(SEPARATORS) as (keyof typeof SEPARATORS)[], {
      description: "Between cells (default: recognized from the file).",
    }),
  ),
  decimal: Type.Optional(
    choiceSchema(["point", "comma"], { description: "In numbers (default: recognized from the file)." }),
  ),
  missing: choiceSchema(["refuse", "drop"], {
    default: "refuse",
    description: "What is done with a row in which a value is missing: an empty cell, ?, NA, NaN.",
  }),
  scale: Type.Unsafe<"min-max" | "none">({
    type: "string",
    enum: ["min-max", "none"],
    default: "min-max",
    description:
      "min-max: scale each column to 0 … 1 by its training rows; none: values are in 0 … 1 already.",
  }),
  ranges: Type.Optional(
    Type.Unsafe<Readonly<Record<string, readonly number[]>>>({
      type: "object",
      additionalProperties: Type.Array(Type.Number(), { minItems: 2, maxItems: 2 }),
      description:
        "Columns with their smallest and largest value, which become 0 and 1 whatever the rows have.",
    }),
  ),
  validation: share("validation"),
  test: share("testing"),
  stratify: Type.Boolean({
    default: false,
    description: "Whether every class gives the same share to each part.",
  }),
  split: Type.Optional(
    Type.String({
      minLength: 1,
      description: "Column that says train, validation or test of each row; replaces shares and seed.",
    }),
  ),
  seed: Type.Integer({ default: 0, minimum: 0, maximum: 0xffffffff, description: "Seed of the split." }),
};

export type TableOptions = Static<TObject<typeof options>>;

export const table = member({
  kind: "table",
  summary: "rows of a CSV file, columns as features, one column as label",
  options,
  create: (chosen: TableOptions) => {
    const read = (path: string): CsvTable => parseCsv(readTextFile(path), path, chosen);
    const { splits, more } = openTable(read(chosen.path), chosen, {
      ...(chosen.validationPath === undefined ? {} : { validation: read(chosen.validationPath) }),
      ...(chosen.testPath === undefined ? {} : { test: read(chosen.testPath) }),
    });
    return { ...splits, readMore: (path: string) => more(read(path)) };
  },
});

/** A file, and where its columns are. */
interface Columns {
  readonly csv: CsvTable;
  readonly label: number;
  readonly features: readonly number[];
  /** Rows that take part. */
  readonly rows: readonly CsvRow[];
}

interface OpenTable {
  readonly splits: DatasetSplits<FeatureData>;
  /** All rows of a file with the same columns, with the scales and classes of these splits. */
  readonly more: (csv: CsvTable) => FeatureData;
}

/**
 * @param own files with samples of one part only
 * @throws UserError("input-file") naming row and column
 */
export function openTable(
  csv: CsvTable,
  options: TableOptions,
  own: { readonly validation?: CsvTable; readonly test?: CsvTable } = {},
): OpenTable {
  const main = columnsOf(csv, options, undefined);
  const names = main.features.map((column) => csv.header[column] as string);
  const files = { main, validation: ownColumns(own.validation), test: ownColumns(own.test) };
  function ownColumns(file: CsvTable | undefined): Columns | undefined {
    return file === undefined ? undefined : columnsOf(file, options, names);
  }
  const present = [main, files.validation, files.test].filter((file) => file !== undefined);
  const classes = classesOf(present);
  const values = new Map(present.map((file) => [file, readFeatures(file, options.scale === "none")]));
  const labels = new Map<Columns, readonly number[]>();
  let before = 0;
  for (const file of present) {
    labels.set(file, classes.labels.slice(before, before + file.rows.length));
    before += file.rows.length;
  }
  const parts = partsOf(files, options, labels.get(main)!);
  const scales =
    options.scale === "min-max" ? rangesOf(values.get(main)!, names, parts.train, options) : undefined;
  if (scales !== undefined) for (const each of values.values()) scale(each, scales);

  const pick = (file: Columns, rows: Int32Array): FeatureData => {
    const count = names.length;
    const features = new Float64Array(rows.length * count);
    rows.forEach((row, sample) => {
      features.set(values.get(file)!.subarray(row * count, (row + 1) * count), sample * count);
    });
    const ofFile = labels.get(file)!;
    return {
      size: rows.length,
      featureCount: count,
      classes: classes.names.length,
      classNames: classes.names,
      features,
      labels: Uint8Array.from(rows, (row) => ofFile[row]!),
    };
  };
  const whole = (file: Columns): FeatureData =>
    pick(
      file,
      Int32Array.from(file.rows, (_, i) => i),
    );
  const notes = present.flatMap(({ csv: { file, rows: all }, rows }) =>
    rows.length === all.length
      ? []
      : [`${all.length - rows.length} of ${all.length} rows of ${file} miss a value and are left out`],
  );
  const splits = {
    train: pick(main, parts.train),
    validation: files.validation === undefined ? pick(main, parts.validation) : whole(files.validation),
    test: files.test === undefined ? pick(main, parts.test) : whole(files.test),
    ...(notes.length === 0 ? {} : { notes }),
  };
  return {
    splits,
    more: (further) => {
      const file = columnsOf(further, options, names);
      if (file.rows.length === 0) throw new UserError("input-file", `${further.file} has no rows`);
      const classOf = knownClasses(classes.names);
      const features = readFeatures(file, options.scale === "none");
      if (scales !== undefined) scale(features, scales);
      return {
        size: file.rows.length,
        featureCount: names.length,
        classes: classes.names.length,
        classNames: classes.names,
        features,
        labels: Uint8Array.from(file.rows, (row) =>
          classOf(labelText(file, row), (problem, hint) =>
            cellError(further, row, file.label, problem, hint),
          ),
        ),
      };
    },
  };
}

/** Rows of the main file for each part that has no file of its own. */
function partsOf(
  files: { readonly main: Columns; readonly validation: unknown; readonly test: unknown },
  options: TableOptions,
  labels: readonly number[],
): RowSplit {
  const { main } = files;
  const { csv, rows } = main;
  const parts =
    options.split === undefined
      ? dealRows({
          size: rows.length,
          validation: files.validation === undefined ? options.validation : 0,
          test: files.test === undefined ? options.test : 0,
          ...(options.stratify ? { labels } : {}),
          seed: options.seed,
        })
      : rowsByColumn(main, columnOf(csv, options.split, "split"));
  if (parts.train.length > 0) return parts;
  throw new UserError("input-file", `${csv.file}: ${rows.length} rows leave none to train on`, {
    hint: "lower `validation` and `test`, or add rows",
  });
}

function rowsByColumn({ csv, rows }: Columns, column: number): RowSplit {
  const parts = { train: [] as number[], validation: [] as number[], test: [] as number[] };
  rows.forEach((row, i) => {
    const word = (row.cells[column] as string).toLowerCase();
    const part = SPLITS.find((split) => split === word);
    if (part === undefined)
      throw cellError(csv, row, column, `"${row.cells[column]}" is not a part`, `write ${SPLITS.join(", ")}`);
    parts[part].push(i);
  });
  const { train, validation, test } = parts;
  return {
    train: Int32Array.from(train),
    validation: Int32Array.from(validation),
    test: Int32Array.from(test),
  };
}

/** @param names features of the main file, which other files must have */
function columnsOf(csv: CsvTable, options: TableOptions, names: readonly string[] | undefined): Columns {
  const suspicion = options.header ? headerThatIsData(csv) : undefined;
  if (suspicion !== undefined) throw suspicion;
  const label = columnOf(csv, options.label, "label");
  const split =
    options.split === undefined || names !== undefined ? -1 : columnOf(csv, options.split, "split");
  const wanted =
    names ?? options.features ?? csv.header.filter((_, column) => column !== label && column !== split);
  const features = wanted.map((name) => columnOf(csv, name, "features"));
  if (features.includes(label)) {
    throw new UserError("input-file", `${csv.file}: the label column "${options.label}" is also a feature`);
  }
  if (features.length === 0) throw new UserError("input-file", `${csv.file} has no column of features`);
  const used = [label, ...features];
  const rows =
    options.missing === "drop"
      ? csv.rows.filter(({ cells }) => used.every((column) => !MISSING.test(cells[column] as string)))
      : csv.rows;
  return { csv, label, features, rows };
}

const MISSING = /^(\?|n\/?a|nan|null)?$/i;

function columnOf(csv: CsvTable, name: string, option: string): number {
  const column = csv.header.indexOf(name);
  if (column >= 0) return column;
  const meant = suggest(name, csv.header);
  const hint = meant === undefined ? `columns are: ${listed(csv.header)}` : `did you mean "${meant}"?`;
  throw new UserError("input-file", `${csv.file} has no column "${name}" (option \`${option}\`)`, { hint });
}

const labelText = ({ label }: Columns, row: CsvRow): string => row.cells[label] as string;

/** @throws UserError("input-file") at a row without a class */
function classesOf(files: readonly Columns[]): ClassNames {
  const labels: string[] = [];
  for (const file of files) {
    for (const row of file.rows) {
      const label = labelText(file, row);
      if (label === "") throw cellError(file.csv, row, file.label, "is empty, a class is expected");
      labels.push(label);
    }
  }
  const { csv, label } = files[0]!;
  return namedClasses(labels, `${csv.file}: column ${csv.header[label]}`);
}

/** `values[row * features.length + feature]` over the rows that take part. */
function readFeatures({ csv, features, rows }: Columns, inRange: boolean): Float64Array {
  const values = new Float64Array(rows.length * features.length);
  rows.forEach((row, i) => {
    features.forEach((column, feature) => {
      const value = numberCell(csv, row, column);
      if (inRange && (value < 0 || value > 1)) {
        const hint = "set `scale: min-max` to scale columns";
        throw cellError(csv, row, column, `${value} is outside 0 … 1`, hint);
      }
      values[i * features.length + feature] = value;
    });
  });
  return values;
}

/** Given ranges first. @throws UserError("input-file") when a range names no feature or is none */
function rangesOf(
  values: Float64Array,
  names: readonly string[],
  rows: Int32Array,
  { ranges = {}, path }: TableOptions,
): ColumnRange[] {
  const found = columnRanges(values, names.length, rows);
  for (const [name, [low, high]] of Object.entries(ranges)) {
    const feature = names.indexOf(name);
    if (feature < 0) {
      const meant = suggest(name, names);
      const hint = meant === undefined ? `features are: ${listed(names)}` : `did you mean "${meant}"?`;
      throw new UserError("input-file", `${path} has no feature "${name}" (option \`ranges\`)`, { hint });
    }
    if (!(low! < high!))
      throw new UserError("input-file", `\`ranges\`: ${low} … ${high} of ${name} is no range`, {
        hint: "write the smallest value first",
      });
    found[feature] = { low: low!, high: high! };
  }
  return found;
}

interface ColumnRange {
  readonly low: number;
  readonly high: number;
}

/** Smallest and largest value of each column in some rows. */
function columnRanges(values: Float64Array, featureCount: number, rows: Int32Array): ColumnRange[] {
  return Array.from({ length: featureCount }, (_, feature) => {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const row of rows) {
      const value = values[row * featureCount + feature]!;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    return { low, high };
  });
}

/** Maps the range of each column to [0, 1] in place and clips; a constant column becomes 0. */
function scale(values: Float64Array, ranges: readonly ColumnRange[]): void {
  ranges.forEach(({ low, high }, feature) => {
    // Halves: the difference of two large numbers may be no number.
    const range = high > low ? high / 2 - low / 2 : 1;
    for (let at = feature; at < values.length; at += ranges.length) {
      const share = high > low ? (values[at]! / 2 - low / 2) / range : 0;
      values[at] = Math.min(1, Math.max(0, share));
    }
  });
}
