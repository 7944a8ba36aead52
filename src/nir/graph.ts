/**
 * A network in the Neuromorphic Intermediate Representation (J. Pedersen et al. 2024, Nature Communications 15, 8122):
 * nodes with arrays, joined by edges. Here as the file has it: HDF5 with `node/nodes/<name>/…` and `node/edges`.
 */

import { UserError } from "../core/errors.ts";
import { type Hdf5Array, readAllHdf5 } from "../data/hdf5/read.ts";
import { type Hdf5Value, writeHdf5 } from "../data/hdf5/write.ts";

export interface NirArray {
  /** Empty for a single number. */
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

export interface NirNode {
  /** `"CubaLIF"`. */
  readonly type: string;
  readonly arrays: Readonly<Record<string, NirArray>>;
  /** What no reader may rely on. */
  readonly metadata: Readonly<Record<string, NirArray>>;
}

export interface NirGraph {
  readonly nodes: ReadonlyMap<string, NirNode>;
  readonly edges: readonly (readonly [from: string, to: string])[];
}

/** The version of NIR whose files these are. */
const VERSION = "1.0";
/** More graphs within graphs, or edges, no network has; a damaged or hostile file may. */
const MAX_DEPTH = 20;
const MAX_EDGES = 20_000;

/** @throws UserError("file") */
export async function writeNir(path: string, { nodes, edges }: NirGraph): Promise<void> {
  const content = new Map<string, Hdf5Value>([
    ["version", VERSION],
    ["node/type", "NIRGraph"],
  ]);
  for (const [name, { type, arrays, metadata }] of nodes) {
    const at = `node/nodes/${name}`;
    content.set(`${at}/type`, type);
    for (const [key, value] of Object.entries(arrays)) content.set(`${at}/${key}`, fileArray(key, value));
    for (const [key, value] of Object.entries(metadata)) content.set(`${at}/metadata/${key}`, value);
  }
  content.set("node/edges", { shape: [edges.length, 2], values: edges.flat() });
  await writeHdf5(path, content);
}

/** Shapes of inputs and outputs are integers, all else is doubles. */
function fileArray(key: string, { shape, values }: NirArray): Hdf5Value {
  return { shape, values: key === "shape" ? BigInt64Array.from(values, BigInt) : values };
}

/**
 * The graph of a file; graphs within it are taken apart, their nodes are called `outer.inner`.
 * @throws UserError("input-file") when it is not a graph
 */
export function readNir(path: string): NirGraph {
  const arrays = readAllHdf5(path);
  const nodes = new Map<string, NirNode>();
  const edges: [string, string][] = [];
  const graphs: string[] = [];
  const read = (at: string, prefix: string, depth: number): void => {
    if (depth > MAX_DEPTH)
      throw new UserError("input-file", `${path}: graphs within graphs, ${at} and so on`);
    const names = new Set(
      [...arrays.keys()]
        .filter((key) => key.startsWith(`${at}/nodes/`))
        .map((key) => key.slice(at.length + 7).split("/")[0]!),
    );
    if (names.size === 0)
      throw new UserError("input-file", `${path} is not a NIR file: it has no nodes at ${at}/nodes`);
    for (const name of names) {
      const own = `${at}/nodes/${name}`;
      const full = prefix + name;
      const type = textOf(arrays.get(`${own}/type`));
      if (type === undefined) throw new UserError("input-file", `${path}: node ${full} has no type`);
      if (type === "NIRGraph") {
        graphs.push(full);
        read(own, `${full}.`, depth + 1);
        continue;
      }
      nodes.set(full, {
        type,
        arrays: numbersAt(arrays, `${own}/`),
        metadata: numbersAt(arrays, `${own}/metadata/`),
      });
    }
    const found = arrays.get(`${at}/edges`);
    if (found === undefined || found.kind !== "strings" || found.strings.length % 2 !== 0)
      throw new UserError("input-file", `${path}: ${at}/edges does not hold pairs of names`);
    for (let i = 0; i < found.strings.length; i += 2)
      edges.push([prefix + found.strings[i]!, prefix + found.strings[i + 1]!]);
  };
  read("node", "", 0);
  return withoutInnerEnds(path, { nodes, edges }, graphs);
}

/** Edges from and to an inner graph go to its own input and come from its own output, which are then left out. */
function withoutInnerEnds(path: string, graph: NirGraph, graphs: readonly string[]): NirGraph {
  const nodes = new Map(graph.nodes);
  let edges = graph.edges;
  for (const inner of [...graphs].reverse()) {
    const end = (type: string): string => {
      const found = [...nodes].find(
        ([name, node]) =>
          node.type === type && name.startsWith(`${inner}.`) && !name.slice(inner.length + 1).includes("."),
      );
      if (found === undefined)
        throw new UserError("input-file", `${path}: the graph ${inner} has no ${type}`);
      return found[0];
    };
    const [input, output] = [end("Input"), end("Output")];
    if (edges.length > MAX_EDGES)
      throw new UserError("input-file", `${path} has more than ${MAX_EDGES} edges`);
    edges = edges.map(([from, to]) => [from === inner ? output : from, to === inner ? input : to] as const);
    for (const removed of [input, output]) {
      const into = edges.filter(([, to]) => to === removed).map(([from]) => from);
      const out = edges.filter(([from]) => from === removed).map(([, to]) => to);
      if (into.length * out.length > MAX_EDGES)
        throw new UserError("input-file", `${path}: more than ${MAX_EDGES} ways lead through ${removed}`);
      edges = [
        ...edges.filter(([from, to]) => from !== removed && to !== removed),
        ...into.flatMap((from) => out.map((to) => [from, to] as const)),
      ];
      nodes.delete(removed);
    }
  }
  if (edges.length > MAX_EDGES) throw new UserError("input-file", `${path} has more than ${MAX_EDGES} edges`);
  const unknown = edges.flat().find((name) => !nodes.has(name));
  if (unknown !== undefined)
    throw new UserError("input-file", `${path}: an edge names ${unknown}, which is no node`);
  return { nodes, edges };
}

function textOf(array: Hdf5Array | undefined): string | undefined {
  return array?.kind === "strings" ? array.strings[0] : undefined;
}

/** Arrays of numbers directly below `at`. */
function numbersAt(arrays: ReadonlyMap<string, Hdf5Array>, at: string): Record<string, NirArray> {
  const found: Record<string, NirArray> = {};
  for (const [key, array] of arrays) {
    const name = key.slice(at.length);
    if (key.startsWith(at) && !name.includes("/") && array.kind === "numbers" && array.lengths === undefined)
      found[name] = { shape: array.shape, values: array.values };
  }
  return found;
}
