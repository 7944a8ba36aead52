/**
 * `--set path=value`: one value laid over an experiment from the command line.
 *
 *     training.epochs=20            network.populations.hidden.size=64
 *     regularisers[0].strength=1e-3 encoding={kind: latency, late: 30 us}      ~encoding.bias   (removes)
 *
 * The value is YAML. Errors point at the text of the `--set`, numbered as given.
 */

import { parseYaml, syntaxError } from "./parse.ts";
import type { Mark, Source } from "./source.ts";
import { type Entry, find, type MapNode, merge, type Node, type Path, pathText, without } from "./tree.ts";

interface Step {
  readonly part: string | number;
  readonly mark: Mark;
}

const STEP = /([^.[\]=~]+)|\[(\d+)\]/y;

/**
 * The experiment with `text` applied.
 * @param name shown in errors, e.g. `--set #2`; @param folder working directory, for paths in the value
 * @throws UserError("experiment-syntax")
 */
export function applyOverride(root: MapNode, text: string, name: string, folder: string): MapNode {
  const source: Source = { name, text, folder };
  if (text.startsWith("~")) return remove(root, source);
  const equals = text.indexOf("=");
  const whole: Mark = { source, start: 0, end: text.length };
  if (equals <= 0) throw syntaxError("`path=value` is expected", whole, "e.g. --set training.epochs=20");
  const steps = readSteps(source, 0, equals);
  const value = text.slice(equals + 1).trim();
  const mark: Mark = { source, start: equals + 1, end: text.length };
  const node: Node = value === "" ? { kind: "scalar", value: null, mark } : parseYaml(source, equals + 1);
  return setAt(root, steps, node) as MapNode;
}

function remove(root: MapNode, source: Source): MapNode {
  const steps = readSteps(source, 1, source.text.length);
  const path = steps.map((step) => step.part);
  const last = steps.at(-1) as Step;
  if (find(root, path) === undefined) {
    throw syntaxError(`there is no \`${pathText(path)}\` to remove`, last.mark);
  }
  return without(root, path) as MapNode;
}

function readSteps(source: Source, from: number, to: number): Step[] {
  const steps: Step[] = [];
  let at = from;
  while (at < to) {
    if (steps.length > 0 && source.text[at] === ".") at++;
    STEP.lastIndex = at;
    const match = STEP.exec(source.text.slice(0, to));
    if (match === null) {
      const hint = "parts are separated by dots, list entries are [0], [1], …";
      throw syntaxError("a name or [number] is expected here", { source, start: at, end: at + 1 }, hint);
    }
    const part = match[2] === undefined ? (match[1] as string).trim() : Number(match[2]);
    steps.push({ part, mark: { source, start: at, end: STEP.lastIndex } });
    at = STEP.lastIndex;
  }
  if (steps.length === 0)
    throw syntaxError("a path is expected", { source, start: 0, end: source.text.length });
  return steps;
}

function setAt(node: Node, steps: readonly Step[], value: Node, done: Path = []): Node {
  const [step, ...rest] = steps;
  if (step === undefined) return merge(node, value);
  const { part, mark } = step;
  if (typeof part === "number") {
    if (node.kind !== "list") throw syntaxError(`\`${pathText(done)}\` is not a list`, mark, keysHint(node));
    const item = node.items[part];
    if (item === undefined) {
      const count = node.items.length;
      throw syntaxError(`\`${pathText(done)}\` has ${count} ${count === 1 ? "entry" : "entries"}`, mark);
    }
    const changed = setAt(item, rest, value, [...done, part]);
    return { ...node, items: node.items.map((old, i) => (i === part ? changed : old)) };
  }
  if (node.kind === "list") throw syntaxError(`\`${pathText(done)}\` is a list`, mark, "use [0], [1], …");
  if (node.kind === "scalar") throw syntaxError(`\`${pathText(done)}\` has no parts`, mark);
  const old = node.entries.get(part);
  if (rest.length === 0) return merge(node, oneEntry(part, { key: mark, node: value }));
  const empty: MapNode = { kind: "map", entries: new Map(), mark };
  const child = setAt(old?.node ?? empty, rest, value, [...done, part]);
  const entries = new Map(node.entries);
  entries.set(part, { key: old?.key ?? mark, node: child });
  return { ...node, entries };
}

function oneEntry(key: string, entry: Entry): MapNode {
  return { kind: "map", entries: new Map([[key, entry]]), mark: entry.key };
}

function keysHint(node: Node): string | undefined {
  return node.kind === "map" ? `it has: ${[...node.entries.keys()].join(", ")}` : undefined;
}
