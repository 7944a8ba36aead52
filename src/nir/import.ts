/**
 * A NIR graph as populations and projections of an experiment, and matrices of weights.
 *
 * With V' = V − v_leak and I' = r I, NIR's CubaLIF is the LIF of this program, and a spike that counts for `area` in the
 * file's unit of time (1 for a Dirac pulse, the time step for a simulation on a grid) makes I' jump by
 *
 *     r · w_in / τ_syn · W · area
 */

import { UserError } from "../core/errors.ts";
import { formatTime } from "../core/units.ts";
import { INPUT } from "../network/network.ts";
import type { NirArray, NirGraph, NirNode } from "./graph.ts";
import { meantNumber, TIME_UNITS, type TimeUnit } from "./time-units.ts";

export interface NirImportOptions {
  readonly unit: TimeUnit;
  /** In the file's unit of time; 1 for Dirac pulses. */
  readonly area: number;
  /** All times are divided by this; 1000 makes a network of milliseconds one of microseconds. */
  readonly speedup: number;
  /** Potential after a spike where the file names none, in its own units. */
  readonly reset?: number;
}

/** As in an experiment file. */
export interface NirNetwork {
  readonly populations: Readonly<Record<string, NirPopulation>>;
  readonly projections: Readonly<Record<string, { readonly delay?: NirDelay }>>;
  /** number[source][target] of each projection, and `delay <projection>` where it has several delays, in µs. */
  readonly values: Readonly<Record<string, readonly (readonly number[])[] | readonly number[]>>;
  readonly inputs: number;
  /** What the file does not say, or what answers otherwise here. */
  readonly notes: readonly string[];
}

export type NirPopulation = Readonly<Record<string, string | number>> & {
  readonly size: number;
  readonly tauMem: string;
  readonly tauSyn: string;
};

interface NirDelay {
  readonly kind: "axonal" | "dendritic";
  readonly init: string;
  readonly max: string;
  readonly learnable: false;
}

interface Neurons {
  readonly name: string;
  readonly file: NirPopulation;
  /** What the weights into it are multiplied with. */
  readonly jump: number;
}

/** What has been met on one way from a source. */
interface Way {
  readonly matrix?: number[][];
  readonly delay?: { readonly kind: NirDelay["kind"]; readonly array: NirArray };
}

type Fail = (node: string, problem: string, hint?: string) => UserError;

const READ =
  "read here are Input, Output, Linear, Affine without bias, CubaLIF, CubaLI, Delay, Flatten and graphs of them";
/** Values of files that were computed in single precision are equal to this. */
const SAME = 1e-5;
/** More ways lead through no network; nodes in a circle would be followed for ever. */
const MAX_WAYS = 2000;

/** @throws UserError("compatibility" | "input-file") naming the node that has no counterpart */
export function networkOfNir(
  path: string,
  { nodes, edges }: NirGraph,
  options: NirImportOptions,
): NirNetwork {
  const fail: Fail = (node, problem, hint) =>
    new UserError("compatibility", `${path}: node ${node} ${problem}`, hint === undefined ? {} : { hint });
  const after = (node: string): string[] => edges.filter(([from]) => from === node).map(([, to]) => to);
  const notes = new Set<string>();
  const neurons = new Map<string, Neurons>();
  for (const [node, content] of nodes) {
    if (content.type !== "CubaLIF" && content.type !== "CubaLI") continue;
    const taken = [...neurons.values()].map(({ name }) => name);
    neurons.set(node, neuronsOf(node, nameOf(node, taken), content, options, fail, notes));
  }
  const inputs = [...nodes].filter(([, { type }]) => type === "Input");
  if (inputs.length !== 1)
    throw new UserError("compatibility", `${path} has ${inputs.length} inputs, one is expected`);
  const [inputNode, input] = inputs[0]!;
  const inputSize = sizeOf(inputNode, input, fail);
  const projections: Record<string, { delay?: NirDelay }> = {};
  const values: Record<string, number[][] | number[]> = {};
  let ways = 0;

  /** Follows one way from a group of `sources` to the neurons that it reaches. */
  const follow = (source: string, sources: number, node: string, { matrix, delay }: Way): void => {
    if (++ways > MAX_WAYS) throw fail(node, "lies on a circle without neurons, or on too many ways");
    const target = neurons.get(node);
    if (target !== undefined) {
      const found = matrix ?? identity(sources);
      if (found.length !== sources || found[0]?.length !== target.file.size)
        throw fail(
          node,
          `has ${target.file.size} neurons, a matrix of ${found.length} sources and ${found[0]?.length} targets leads to it from ${sources}`,
        );
      const key = `${source}>${target.name}`;
      if (projections[key] !== undefined)
        throw fail(node, `is reached from ${source} in two ways`, "add the two matrices");
      values[key] = found.map((row) => row.map((weight) => weight * target.jump));
      projections[key] = {};
      if (delay === undefined) return;
      const times = delaysOf(node, delay.array, delay.kind === "axonal" ? sources : target.file.size);
      projections[key] = delayFile(delay.kind, times);
      if (times.some((time) => time !== times[0])) values[`delay ${key}`] = times;
      return;
    }
    const { type, arrays } = nodes.get(node)!;
    const go = (way: Way): void => {
      for (const next of after(node)) follow(source, sources, next, way);
    };
    const way = { ...(matrix === undefined ? {} : { matrix }), ...(delay === undefined ? {} : { delay }) };
    if (type === "Output") return;
    if (type === "Flatten") go(way);
    else if (type === "Linear" || type === "Affine") {
      if (matrix !== undefined)
        throw fail(node, "follows another matrix without neurons between", "multiply the two");
      if (arrays["bias"]?.values.some((bias) => bias !== 0))
        throw fail(
          node,
          "has a bias, which is a constant current; there is none here",
          "train without a bias, or with an input that always spikes",
        );
      go({ ...way, matrix: matrixOf(node, arrays["weight"], fail) });
    } else if (type === "Delay") {
      if (delay !== undefined) throw fail(node, "follows another delay", "add the two");
      const array = arrays["delay"];
      if (array === undefined) throw fail(node, "has no delays");
      go({ ...way, delay: { kind: matrix === undefined ? "axonal" : "dendritic", array } });
    } else throw fail(node, `is ${type}, which has no counterpart here`, READ);
  };

  /** Delays in µs, one for each of `count`; the file may have one for all. */
  const delaysOf = (node: string, { values: found }: NirArray, count: number): number[] => {
    if (found.length !== 1 && found.length !== count)
      throw fail(node, `is reached with ${found.length} delays, ${count} are expected`);
    const times = Array.from({ length: count }, (_, i) => toMicroseconds(found[i % found.length]!, options));
    const wrong = times.find((time) => !(time >= 0 && Number.isFinite(time)));
    if (wrong !== undefined) throw fail(node, `is reached with a delay of ${wrong}`);
    return times;
  };

  for (const next of after(inputNode)) follow(INPUT, inputSize, next, {});
  for (const [node, { name, file }] of neurons)
    for (const next of after(node)) follow(name, file.size, next, {});
  const keys = Object.keys(projections);
  return {
    populations: Object.fromEntries(
      ordered([...neurons.values()], keys).map(({ name, file }) => [name, file]),
    ),
    projections,
    values,
    inputs: inputSize,
    notes: [...notes],
  };
}

function toMicroseconds(time: number, { unit, speedup }: NirImportOptions): number {
  return meantNumber(time, 1 / TIME_UNITS[unit] / speedup);
}

/** A word for a population that is like the node's name and not taken: `net.lif` → `net_lif`. */
function nameOf(node: string, taken: readonly string[]): string {
  const word = node
    .replace(/[^A-Za-z0-9_-]/g, "_")
    .replace(/^[^A-Za-z]/, "n$&")
    .slice(0, 60);
  let name = word;
  for (let i = 2; name === INPUT || taken.includes(name); i++) name = `${word}_${i}`;
  return name;
}

function sizeOf(node: string, { arrays }: NirNode, fail: Fail): number {
  const shape = arrays["shape"];
  const size = shape?.values.reduce((product: number, each: number) => product * each, 1) ?? 0;
  if (!Number.isInteger(size) || size < 1) throw fail(node, "has no shape");
  return size;
}

function neuronsOf(
  node: string,
  name: string,
  { type, arrays, metadata }: NirNode,
  options: NirImportOptions,
  fail: Fail,
  notes: Set<string>,
): Neurons {
  const size = Math.max(1, ...Object.values(arrays).map(({ values }) => values.length));
  /** The value of `key` that all neurons have. */
  const one = (key: string, standard?: number, from: NirNode["arrays"] = arrays): number => {
    const values = from[key]?.values;
    const first = values?.[0] ?? standard;
    if (first === undefined || !Number.isFinite(first)) throw fail(node, `has no number for ${key}`);
    const same = (value: number): boolean =>
      Math.abs(value - first) <= SAME * Math.max(Math.abs(value), Math.abs(first));
    if (values !== undefined && values.length !== 1 && values.length !== size)
      throw fail(node, `has ${values.length} values of ${key} for ${size} neurons`);
    if (values?.every(same) === false)
      throw fail(
        node,
        `has neurons with different ${key}`,
        "a population has one value here; split the node into several",
      );
    return first;
  };
  const [tauMem, tauSyn] = [one("tau_mem"), one("tau_syn")];
  if (!(tauMem > 0 && tauSyn > 0)) throw fail(node, `has time constants ${tauMem} and ${tauSyn}`);
  const leak = one("v_leak", 0);
  const jump = meantNumber(((one("r", 1) * one("w_in", 1)) / tauSyn) * options.area);
  const potential = (value: number): number => meantNumber(value - leak);
  const time = (value: number): string => formatTime(toMicroseconds(value, options));
  const membrane = { size, tauMem: time(tauMem), tauSyn: time(tauSyn) };
  if (type === "CubaLI") return { name, file: { model: "li", ...membrane }, jump };
  const reset = arrays["v_reset"] === undefined ? options.reset : one("v_reset");
  if (reset === undefined)
    throw fail(
      node,
      "has no v_reset: the file does not say what a spike resets the membrane to",
      "say it with --reset, e.g. --reset 0; a reset by subtraction has no counterpart here",
    );
  notes.add(
    "NIR does not tell a reset to a potential from a reset by subtraction; a network that was trained with subtraction answers otherwise here",
  );
  if (metadata["refractory"] === undefined) notes.add("the file has no refractory time; it is 0");
  const held = one("refractory", 0, metadata);
  if (held < 0) throw fail(node, `has a refractory time of ${held}`);
  const threshold = potential(one("v_threshold"));
  if (!(threshold > 0 && potential(reset) < threshold))
    throw fail(
      node,
      `has threshold ${one("v_threshold")}, leak ${leak} and reset ${reset}: the threshold must be above the others`,
    );
  const file = { model: "lif", ...membrane, threshold, reset: potential(reset), refractory: time(held) };
  return { name, file, jump };
}

/** Kept as they are: `learnable` can be set in the experiment file. */
function delayFile(kind: NirDelay["kind"], times: readonly number[]): { delay: NirDelay } {
  const max = Math.max(2 * times.reduce((most, time) => Math.max(most, time), 0), 1e-3);
  return { delay: { kind, init: formatTime(times[0] ?? 0), max: formatTime(max), learnable: false } };
}

/** Matrices of NIR have targets in rows; here sources are. */
function matrixOf(node: string, array: NirArray | undefined, fail: Fail): number[][] {
  if (array === undefined || array.shape.length !== 2) throw fail(node, "has no matrix `weight`");
  const [targets, sources] = array.shape as [number, number];
  if (array.values.some((weight) => !Number.isFinite(weight)))
    throw fail(node, "has a weight that is no number");
  return Array.from({ length: sources }, (_, source) =>
    Array.from({ length: targets }, (_, target) => array.values[target * sources + source]!),
  );
}

function identity(size: number): number[][] {
  return Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)));
}

/** Populations in the order in which signals pass them; those of a circle in the order of the file. */
function ordered(all: readonly Neurons[], projections: readonly string[]): Neurons[] {
  const done: Neurons[] = [];
  const open = [...all];
  while (open.length > 0) {
    const waits = ({ name }: Neurons): boolean =>
      open.some((other) => other.name !== name && projections.includes(`${other.name}>${name}`));
    const next = open.find((one) => !waits(one)) ?? open[0]!;
    done.push(next);
    open.splice(open.indexOf(next), 1);
  }
  return done;
}
