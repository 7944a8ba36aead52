/**
 * `--set path=value`: one value laid over an experiment from the command line.
 *
 *     training.epochs=20            network.populations.hidden.size=64
 *     regularizers[0].strength=1e-3 encoding={kind: latency, late: 30 us}      ~encoding.bias   (removes)
 *
 * The value is YAML. Errors point at the text of the `--set`, numbered as given.
 */

import { listed } from "../core/suggest.ts";
import { parseYaml, syntaxError } from "./parse.ts";
import type { PlacedProblem } from "./problem.ts";
import { currentName, renamedNote, withCurrentNames } from "./renamed.ts";
import type { Mark, Source } from "./source.ts";
import { type Entry, find, type MapNode, merge, type Node, type Path, pathText, without } from "./tree.ts";

type Note = (found: PlacedProblem) => void;

interface Step {
  readonly part: string | number;
  readonly mark: Mark;
}

const STEP = /([^.[\]=~]+)|\[(\d+)\]/y;

/**
 * The experiment with `text` applied.
 * @param name shown in errors, e.g. `--set #2`; @param folder working directory, for paths in the value
 * @param note hears of old names of keys
 * @throws UserError("experiment-syntax")
 */
export function applyOverride(
  root: MapNode,
  text: string,
  name: string,
  folder: string,
  note: Note = () => {},
): MapNode {
  const source: Source = { name, text, folder };
  if (text.startsWith("~")) return remove(root, source, note);
  const equals = text.indexOf("=");
  const whole: Mark = { source, start: 0, end: text.length };
  if (equals <= 0) throw syntaxError("`path=value` is expected", whole, "e.g. --set training.epochs=20");
  const steps = readSteps(source, 0, equals, note);
  const value = text.slice(equals + 1).trim();
  const mark: Mark = { source, start: equals + 1, end: text.length };
  const node: Node = value === "" ? { kind: "scalar", value: null, mark } : parseYaml(source, equals + 1);
  const path = steps.map(({ part }) => part);
  return setAt(root, steps, withCurrentNames(node, note, path)) as MapNode;
}

/** A value for one path of an experiment, both as they stand in another file. */
export interface Overlay {
  /** Where the path stands, with or without quotes. */
  readonly path: Mark;
  readonly value: Node;
}

/**
 * The experiment with a value laid over it.
 * @throws UserError("experiment-syntax") that points at the overlay's path
 */
export function applyOverlay(root: MapNode, { path, value }: Overlay, note: Note = () => {}): MapNode {
  const quoted = /^["']/.test(path.source.text.slice(path.start, path.end)) ? 1 : 0;
  const steps = readSteps(path.source, path.start + quoted, path.end - quoted, note);
  const parts = steps.map(({ part }) => part);
  return setAt(root, steps, withCurrentNames(value, note, parts)) as MapNode;
}

function remove(root: MapNode, source: Source, note: Note): MapNode {
  const steps = readSteps(source, 1, source.text.length, note);
  const path = steps.map((step) => step.part);
  const last = steps.at(-1) as Step;
  if (find(root, path) === undefined) {
    throw syntaxError(`there is no \`${pathText(path)}\` to remove`, last.mark);
  }
  return without(root, path) as MapNode;
}

function readSteps(source: Source, from: number, to: number, note: Note): Step[] {
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
    const mark: Mark = { source, start: at, end: STEP.lastIndex };
    const above = steps.map((step) => step.part);
    const part =
      match[2] === undefined ? nameNow(above, (match[1] as string).trim(), mark, note) : Number(match[2]);
    steps.push({ part, mark });
    at = STEP.lastIndex;
  }
  if (steps.length === 0)
    throw syntaxError("a path is expected", { source, start: 0, end: source.text.length });
  return steps;
}

function nameNow(above: Path, key: string, mark: Mark, note: Note): string {
  const name = currentName(above, key);
  if (name !== key) note(renamedNote(key, name, mark));
  return name;
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
  return node.kind === "map" ? `it has: ${listed([...node.entries.keys()])}` : undefined;
}
