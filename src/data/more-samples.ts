/**
 * Samples of a file for a network that was trained on other ones: the features or channels, the scales and the classes are
 * those of the data set. Its labels may be any of the known classes, and need not be all.
 *
 * A `table` reads a file with the columns that its own file has. Other data sets of features take a CSV file with a column
 * `label` and one column for each feature, in their order and in 0 ... 1 (for `yin-yang`: x, y, 1-x, 1-y). Recorded spikes
 * come as rows of sample, source, time_us and label.
 */

import { type CsvTable, cellError, numberCell, parseCsv } from "../core/csv-text.ts";
import { UserError } from "../core/errors.ts";
import { knownClasses } from "./classes.ts";
import { recordedSamples } from "./events-csv.ts";
import { allRecorded } from "./recorded.ts";
import { readTextFile } from "./text-file.ts";
import { type Dataset, type DatasetSplits, type EventData, type FeatureData, isEventData } from "./types.ts";

/** @throws UserError("input-file") naming row and column */
export function moreSamples(known: DatasetSplits, path: string): Dataset {
  if (known.readMore !== undefined) return known.readMore(path);
  const csv = parseCsv(readTextFile(path), path);
  return isEventData(known.train) ? eventSamples(known.train, csv) : featureSamples(known.train, csv);
}

function featureSamples({ featureCount, classes, classNames }: FeatureData, csv: CsvTable): FeatureData {
  const label = csv.header.indexOf("label");
  if (label < 0)
    throw new UserError("input-file", `${csv.file} has no column "label"`, {
      hint: `write one column "label" and ${featureCount} columns of features`,
    });
  const columns = csv.header.map((_, column) => column).filter((column) => column !== label);
  if (columns.length !== featureCount)
    throw new UserError("input-file", `${csv.file} has ${columns.length} columns beside "label"`, {
      hint: `the data that was trained on has ${featureCount} features`,
    });
  if (csv.rows.length === 0) throw new UserError("input-file", `${csv.file} has no rows`);
  const classOf = knownClasses(classNames);
  const features = new Float64Array(csv.rows.length * featureCount);
  const labels = new Uint8Array(csv.rows.length);
  csv.rows.forEach((row, i) => {
    columns.forEach((column, feature) => {
      const value = numberCell(csv, row, column);
      if (value < 0 || value > 1)
        throw cellError(csv, row, column, `${value} is outside 0 … 1`, "features are scaled to 0 … 1");
      features[i * featureCount + feature] = value;
    });
    labels[i] = classOf(row.cells[label]!, (problem, hint) => cellError(csv, row, label, problem, hint));
  });
  return { size: csv.rows.length, featureCount, classes, classNames, features, labels };
}

function eventSamples(known: EventData, csv: CsvTable): EventData {
  const recorded = recordedSamples(csv, csv);
  if (recorded.labels.length === 0) throw new UserError("input-file", `${csv.file} has no rows`);
  if (recorded.channels > known.channels)
    throw new UserError("input-file", `${csv.file} has spikes of source ${recorded.channels - 1}`, {
      hint: `the data that was trained on has the sources 0 to ${known.channels - 1}`,
    });
  const classOf = knownClasses(known.classNames);
  return allRecorded(recorded, known, (name) =>
    classOf(name, (problem, hint) => new UserError("input-file", `${csv.file}: ${problem}`, { hint })),
  );
}
