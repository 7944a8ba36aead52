/**
 * weights.json of `emulate`: projection names → matrices number[pre][post], in model units. Whatever does not
 * fit the network is refused with file, line and row; nothing is guessed.
 */

import { statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type SourcePosition, UserError } from "../core/errors.ts";
import { type JsonText, type JsonValue, parseJson } from "../core/json-text.ts";
import { suggest } from "../core/suggest.ts";
import { readTextFile } from "../data/text-file.ts";
import type { Network, Projection } from "../network/network.ts";
import { type ParameterSegment, parameterTheta, parameterValue } from "../network/parameters.ts";
import { checkRunFiles } from "./result.ts";
import { RUN_FILES } from "./run-folder.ts";

/** The weights file that `path` names: itself, or that of a run folder. */
export function weightsPath(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? join(path, RUN_FILES.weights) : path;
}

/**
 * Weights of all projections, in the layout of `Projection.offset`.
 * @throws UserError("input-file") when the file is missing or is not JSON; a projection is missing or unknown;
 * a matrix has another shape than its projection; an entry is not a finite number
 * @throws UserError("file") when it is that of a run and was changed after it
 */
export function readWeights(path: string, network: Network): Float64Array {
  if (basename(path) === RUN_FILES.weights) checkRunFiles(dirname(path), RUN_FILES.weights);
  return parseWeights(readTextFile(path), path, network);
}

/** As `readWeights`, of text that is already read; `file` is only named in errors. */
export function parseWeights(text: string, file: string, network: Network): Float64Array {
  const json = parseJson(text, file);
  const names = [...network.projections, ...network.segments].map(({ name }) => name);
  const all = json.value;
  if (!isObject(all)) {
    throw new UserError("input-file", `an object of projections is expected, found ${describe(all)}`, {
      where: { file, line: 1, column: 1 },
      hint: `keys are: ${names.join(", ")}`,
    });
  }
  const where = json.locate(all);
  const kinds = network.segments.length === 0 ? "projection" : "projection, delay or learned constant";
  for (const name of Object.keys(all)) {
    if (names.includes(name)) continue;
    const meant = suggest(name, names);
    const hint = meant === undefined ? `projections are: ${names.join(", ")}` : `did you mean "${meant}"?`;
    throw new UserError("input-file", `the network has no ${kinds} "${name}"`, {
      where,
      hint,
    });
  }
  const weights = new Float64Array(network.parameters);
  for (const projection of network.projections) {
    const matrix = all[projection.name];
    if (matrix === undefined) {
      throw new UserError("input-file", `no weights for projection "${projection.name}"`, {
        where,
        hint: `${shape(projection.sources, projection.targets)}, number[pre][post], are expected`,
      });
    }
    readMatrix(json, file, projection, matrix, weights);
  }
  for (const segment of network.segments) readSegment(json, segment, all[segment.name], where, weights);
  return weights;
}

/** Values of delays or constants, in their own units. */
function readSegment(
  json: JsonText,
  segment: ParameterSegment,
  values: JsonValue | undefined,
  where: SourcePosition,
  weights: Float64Array,
): void {
  const { name, offset, length, low, high } = segment;
  const hint = `${length} numbers from ${low} to ${high} are expected`;
  if (values === undefined) throw new UserError("input-file", `no values for "${name}"`, { where, hint });
  if (!Array.isArray(values) || values.length !== length) {
    const found = Array.isArray(values) ? `${values.length} values` : describe(values);
    throw new UserError("input-file", `"${name}": found ${found}`, { where, hint });
  }
  values.forEach((value, k) => {
    if (typeof value !== "number" || !(value >= low && value <= high)) {
      const at = { where: json.locate(values), hint };
      throw new UserError("input-file", `"${name}", value ${k} (from 0): found ${describe(value)}`, at);
    }
    weights[offset + k] = parameterTheta(segment, value);
  });
}

function readMatrix(
  json: JsonText,
  file: string,
  projection: Projection,
  matrix: JsonValue,
  weights: Float64Array,
): void {
  const { name, sources, targets, offset } = projection;
  const expected = `${shape(sources, targets)} are expected`;
  const fail = (container: JsonValue, problem: string, hint?: string): UserError => {
    const isContainer = typeof container === "object" && container !== null;
    const where = isContainer ? json.locate(container) : { file, line: 1, column: 1 };
    throw new UserError(
      "input-file",
      `"${name}"${problem}`,
      hint === undefined ? { where } : { where, hint },
    );
  };
  if (!Array.isArray(matrix)) throw fail(matrix, `: ${expected}, found ${describe(matrix)}`);
  const first = matrix[0];
  if (matrix.length !== sources) {
    const columns = Array.isArray(first) ? first.length : 0;
    const transposed = matrix.length === targets && columns === sources;
    const hint = transposed ? "the matrix looks transposed: rows are sources (pre)" : undefined;
    throw fail(matrix, `: ${expected}, found ${shape(matrix.length, columns)}`, hint);
  }
  for (const [source, row] of matrix.entries()) {
    const at = ` row ${source} (from 0)`;
    if (!Array.isArray(row)) {
      throw fail(matrix, `${at}: an array of ${targets} numbers is expected, found ${describe(row)}`);
    }
    if (row.length !== targets)
      throw fail(row, `${at}: ${targets} numbers are expected, found ${row.length}`);
    for (const [target, weight] of row.entries()) {
      if (typeof weight !== "number" || !Number.isFinite(weight)) {
        throw fail(row, `${at}, column ${target}: a finite number is expected, found ${describe(weight)}`);
      }
      weights[offset + source * targets + target] = weight;
    }
  }
}

function isObject(value: JsonValue): value is { [key: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shape(rows: number, columns: number): string {
  return `${rows} rows of ${columns} weights`;
}

function describe(value: JsonValue): string {
  if (Array.isArray(value)) return "an array";
  if (value === null) return "null";
  if (typeof value === "number")
    return Number.isFinite(value) ? String(value) : "a number too large for a double";
  return typeof value === "object" ? "an object" : JSON.stringify(value);
}

/**
 * The text of a weights file: one matrix per projection, one row per line, full precision; then the values of delays
 * and constants that are learned.
 */
export function weightsText(weights: Float64Array, network: Network): string {
  const projections = network.projections.map(({ name, sources, targets, offset }) => {
    const rows = Array.from({ length: sources }, (_, source) => {
      const from = offset + source * targets;
      return `    ${JSON.stringify(Array.from(weights.subarray(from, from + targets)))}`;
    });
    return `  ${JSON.stringify(name)}: [\n${rows.join(",\n")}\n  ]`;
  });
  const segments = network.segments.map((segment) => {
    const { name, offset, length } = segment;
    const values = Array.from(weights.subarray(offset, offset + length), (theta) =>
      parameterValue(segment, theta),
    );
    return `  ${JSON.stringify(name)}: ${JSON.stringify(values)}`;
  });
  return `{\n${[...projections, ...segments].join(",\n")}\n}\n`;
}
