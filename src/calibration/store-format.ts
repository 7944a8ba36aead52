/**
 * A calibration as JSON text and back. The text is made to be kept in a repository: one line per array, a single
 * number for an array whose entries are all equal, measured values as short decimals (they are rounded when they
 * are measured, so a calibration that was read equals the one that was written), NaN as null.
 *
 * A digest over the content tells a file that was edited or damaged. Knows no folders and opens no files.
 */

import { createHash } from "node:crypto";
import { NEURON_WORD_NAMES } from "../chip/config.ts";
import { CADC_CHANNELS, NEURONS, QUADRANTS, REFRACTORY_CLOCKS } from "../chip/limits.ts";
import type { NeuronWords, QuadrantWords } from "../chip/types.ts";
import type { JsonValue } from "../core/json-text.ts";
import { PARAMETERS } from "./parameters/index.ts";
import { TARGET_PARAMETERS } from "./target.ts";
import type { Calibration, CalibrationTarget, MeasuredNeurons, ParameterQuality } from "./types.ts";

/**
 * Of the files that this program writes and reads. It is raised with the files, and with the default magnitudes of the
 * simulated chip (src/chip/simulated/effects.ts): what was measured on other circuits fits no chip of today.
 */
export const FORMAT = 3;

export const MEASURED_NAMES = PARAMETERS.map(({ name }) => name);

const QUADRANT_NAMES: readonly (keyof QuadrantWords)[] = [
  "synapseDacBias",
  "cadcRampOffset",
  "cadcRampSlope",
];
/** Neuron words that fit a byte. */
const BYTE_WORDS: ReadonlySet<keyof NeuronWords> = new Set([
  "capacitance",
  "refractoryCounter",
  "refractoryClock",
  "holdOff",
  "address",
  "thresholdOn",
  "eventsOn",
  "synExcOn",
  "synInhOn",
  "offsetCurrentOn",
  "leakDivide",
  "leakMultiply",
  "synExcHighResistance",
  "synInhHighResistance",
  "exponentialOn",
  "adaptationOn",
] as const);

type JsonObject = { [key: string]: JsonValue };

export function calibrationText(calibration: Calibration): string {
  const { words, measured, quality, success, target, ...head } = calibration;
  const { format, software, chip, ...rest } = head;
  const content: JsonObject = {
    format,
    software,
    chip,
    // In one order, however the target was put together: equal calibrations are equal bytes.
    target: Object.fromEntries(TARGET_PARAMETERS.map(({ name }) => [name, target[name]])),
    ...(rest as unknown as JsonObject),
    failed: [...success.keys()].filter((neuron) => success[neuron] === 0),
    quality: quality.map((one) => ({ ...one, failed: [...one.failed] })),
    words: {
      neurons: pack(words.neurons, NEURON_WORD_NAMES),
      quadrants: pack(words.quadrants, QUADRANT_NAMES),
      cadcOffset: packArray(words.cadcOffset),
      refractoryClocks: packArray(words.refractoryClocks),
    },
    measured: pack(measured, MEASURED_NAMES),
  };
  // NaN and infinities become null, as everywhere in JSON.
  const plain = JSON.parse(JSON.stringify(content)) as JsonObject;
  return `${layout({ digest: contentDigest(plain), ...plain }, "")}\n`;
}

/** SHA-256 over the content without its `digest`. */
export function contentDigest(content: JsonObject): string {
  const { digest: _, ...rest } = content;
  return createHash("sha256").update(JSON.stringify(rest)).digest("hex");
}

/** What can be wrong with content whose digest is right: written by another format. */
export class FormatProblem extends Error {}

/** @throws FormatProblem naming the entry that is missing or of another kind */
export function calibrationFrom(content: JsonObject): Calibration {
  const words = object(content, "words");
  const success = new Uint8Array(NEURONS).fill(1);
  for (const neuron of neuronList(content, "failed")) success[neuron] = 0;
  const target = object(content, "target");
  return {
    format: FORMAT,
    software: text(content, "software"),
    chip: text(content, "chip"),
    target: Object.fromEntries(
      TARGET_PARAMETERS.map(({ name }) => [name, number(target, name)]),
    ) as unknown as CalibrationTarget,
    words: {
      neurons: unpack(object(words, "neurons"), NEURON_WORD_NAMES, (name) =>
        BYTE_WORDS.has(name) ? new Uint8Array(NEURONS) : new Uint16Array(NEURONS),
      ) as unknown as NeuronWords,
      quadrants: unpack(
        object(words, "quadrants"),
        QUADRANT_NAMES,
        () => new Uint16Array(QUADRANTS),
      ) as unknown as QuadrantWords,
      cadcOffset: unpackArray(words, "cadcOffset", new Int8Array(CADC_CHANNELS)),
      refractoryClocks: unpackArray(words, "refractoryClocks", new Uint8Array(REFRACTORY_CLOCKS)),
    },
    measured: unpack(
      object(content, "measured"),
      MEASURED_NAMES,
      () => new Float64Array(NEURONS),
    ) as unknown as MeasuredNeurons,
    success,
    strength: finite(content, "strength"),
    spikeLatency: finite(content, "spikeLatency"),
    cadcLag: finite(content, "cadcLag"),
    quality: list(content, "quality").map(qualityFrom),
  };
}

function qualityFrom(value: JsonValue, i: number): ParameterQuality {
  if (!isObject(value)) throw new FormatProblem(`quality[${i}] is ${shortened(value)}`);
  const entry = value;
  return {
    parameter: text(entry, "parameter"),
    unit: text(entry, "unit"),
    target: number(entry, "target"),
    tolerance: number(entry, "tolerance"),
    before: number(entry, "before"),
    after: number(entry, "after"),
    worst: number(entry, "worst"),
    worstError: number(entry, "worstError"),
    failed: neuronList(entry, "failed"),
  };
}

type Values = { [index: number]: number; readonly length: number };

function pack<Name extends string>(
  arrays: Readonly<Record<Name, ArrayLike<number>>>,
  names: readonly Name[],
): JsonObject {
  return Object.fromEntries(names.map((name) => [name, packArray(arrays[name])]));
}

function packArray(values: ArrayLike<number>): JsonValue {
  const array = Array.from(values);
  return array.every((value) => value === array[0]) ? array[0]! : array;
}

function unpack<Name extends string, Array extends Values>(
  from: JsonObject,
  names: readonly Name[],
  create: (name: Name) => Array,
): Record<Name, Array> {
  return Object.fromEntries(names.map((name) => [name, unpackArray(from, name, create(name))])) as Record<
    Name,
    Array
  >;
}

function unpackArray<Array extends Values>(from: JsonObject, name: string, into: Array): Array {
  const value = from[name];
  if (!Array.isArray(value) && typeof value !== "number")
    throw new FormatProblem(`${name} is not a list of numbers`);
  if (Array.isArray(value) && value.length !== into.length) {
    throw new FormatProblem(`${name} has ${value.length} entries, expected ${into.length}`);
  }
  for (let i = 0; i < into.length; i++) {
    const one = Array.isArray(value) ? value[i]! : value;
    // What was not measured is null; words always are.
    const entry = one === null && into instanceof Float64Array ? Number.NaN : one;
    if (typeof entry === "number") into[i] = entry;
    // Words beyond their array would wrap around silently.
    if (!Object.is(into[i], entry) && into[i] !== entry)
      throw new FormatProblem(`${name}[${i}] is ${shortened(one)}`);
  }
  return into;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function object(from: JsonObject, name: string): JsonObject {
  const value = from[name];
  if (!isObject(value)) throw new FormatProblem(`${name} is missing`);
  return value;
}

/** Numbers of neurons. */
function neuronList(from: JsonObject, name: string): number[] {
  return list(from, name).map((one, i) => {
    if (Number.isInteger(one) && (one as number) >= 0 && (one as number) < NEURONS) return one as number;
    throw new FormatProblem(`${name}[${i}] is ${shortened(one)}, no neuron`);
  });
}

/** A value of any size in a message. */
function shortened(value: JsonValue): string {
  const whole = JSON.stringify(value);
  return whole.length > 40 ? `${whole.slice(0, 40)}…` : whole;
}

function list(from: JsonObject, name: string): JsonValue[] {
  const value = from[name];
  if (!Array.isArray(value)) throw new FormatProblem(`${name} is missing`);
  return value;
}

function text(from: JsonObject, name: string): string {
  const value = from[name];
  if (typeof value !== "string") throw new FormatProblem(`${name} is missing`);
  return value;
}

function number(from: JsonObject, name: string): number {
  const value = from[name];
  if (value === null) return Number.NaN;
  if (typeof value !== "number") throw new FormatProblem(`${name} is missing`);
  return value;
}

/** A number that a chip was measured with, so one that is there. */
function finite(from: JsonObject, name: string): number {
  const value = number(from, name);
  if (Number.isFinite(value)) return value;
  throw new FormatProblem(`${name} is ${JSON.stringify(from[name])}`);
}

/** Objects over several lines, arrays of plain values in one. */
function layout(value: JsonValue, indent: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (!value.some((one) => one !== null && typeof one === "object")) return JSON.stringify(value);
    return `[\n${value.map((one) => inner + JSON.stringify(one)).join(",\n")}\n${indent}]`;
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).map(
    ([key, one]) => `${inner}${JSON.stringify(key)}: ${layout(one, inner)}`,
  );
  return `{\n${entries.join(",\n")}\n${indent}}`;
}
