/**
 * YAML text → tree of values with marks. YAML 1.2 core: `yes` and `1_000` are words, `<<` is an ordinary key.
 *
 * Aliases are expanded here, with a bound on the number of values, so that no text of a few lines grows into
 * millions ("billion laughs").
 */

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type YAMLError,
  type Node as YamlNode,
} from "yaml";
import { UserError } from "../core/errors.ts";
import { type Mark, positionOf, type Source } from "./source.ts";
import type { Entry, Node, Scalar } from "./tree.ts";

const MAX_VALUES = 10_000;
const MAX_DEPTH = 40;
const MAX_ERRORS = 5;

/**
 * Parses `source` from character `from` on.
 * @throws UserError("experiment-syntax") with the position of each mistake
 */
export function parseYaml(source: Source, from = 0): Node {
  const mark = (start: number, end: number): Mark => ({ source, start: start + from, end: end + from });
  const document = readDocument(source.text.slice(from), mark);
  const { contents } = document;
  if (contents === null) throw syntaxError("there is nothing but comments", mark(0, 0));
  return createReader(document, mark)(contents);
}

function readDocument(text: string, mark: (start: number, end: number) => Mark): Document.Parsed {
  let document: Document.Parsed;
  try {
    document = parseDocument(text, { prettyErrors: false, merge: false, uniqueKeys: true, version: "1.2" });
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw syntaxError("is nested too deeply", mark(0, 0));
  }
  const mistakes = oncePerLine([...document.errors, ...document.warnings], text);
  const [first, ...also] = mistakes.map((mistake) => explain(mistake, text, mark));
  if (first !== undefined) {
    throw new UserError(first.code, first.message, {
      also,
      ...(first.hint === undefined ? {} : { hint: first.hint }),
      ...(first.where === undefined ? {} : { where: first.where }),
    });
  }
  return document;
}

/** The parser often says several things about one mistake; the first one is the best. The first lines are enough. */
function oncePerLine(mistakes: readonly YAMLError[], text: string): YAMLError[] {
  const kept = new Map<number, YAMLError>();
  for (const mistake of mistakes) {
    const lineStart = text.lastIndexOf("\n", mistake.pos[0] - 1);
    if (!kept.has(lineStart)) kept.set(lineStart, mistake);
    if (kept.size === MAX_ERRORS) break;
  }
  return [...kept.values()];
}

/** Converts nodes, counting values and following aliases. */
function createReader(document: Document.Parsed, mark: (start: number, end: number) => Mark) {
  const open = new Set<YamlNode>();
  let values = 0;

  const markOf = (node: YamlNode): Mark => mark(node.range?.[0] ?? 0, node.range?.[1] ?? 0);

  /** `around` stands for a value that is not there. */
  const read = (node: YamlNode | null, around = mark(0, 0)): Node => {
    if (node === null) return { kind: "scalar", value: null, mark: around };
    const here = markOf(node);
    if (++values > MAX_VALUES) {
      const hint = "an alias (`*name`) that repeats aliases grows very fast; write the values out";
      throw syntaxError(`expands to more than ${MAX_VALUES} values`, here, hint);
    }
    if (open.size > MAX_DEPTH) throw syntaxError("is nested too deeply", here);
    if (open.has(node)) throw syntaxError("an alias stands inside what it repeats", here);
    open.add(node);
    const result = convert(node, here);
    open.delete(node);
    return result;
  };

  const convert = (node: YamlNode, here: Mark): Node => {
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target === undefined) throw syntaxError(`there is no anchor \`&${node.source}\` before`, here);
      return read(target as YamlNode);
    }
    if (isScalar(node)) return { kind: "scalar", value: scalarValue(node.value, here), mark: here };
    if (isSeq(node)) {
      return { kind: "list", items: node.items.map((item) => read(item as YamlNode, here)), mark: here };
    }
    if (!isMap(node)) throw syntaxError("this kind of value is not used in experiments", here);
    const entries = new Map<string, Entry>();
    for (const { key, value } of node.items) {
      if (!isScalar(key)) throw syntaxError("keys must be plain words", here);
      const keyMark = markOf(key as YamlNode);
      entries.set(String(key.value), {
        key: keyMark,
        node: read(written(value as YamlNode | null), keyMark),
      });
    }
    return { kind: "map", entries, mark: here };
  };
  return read;
}

/** Null for a value that is not there: `key:` and nothing more. */
function written(value: YamlNode | null): YamlNode | null {
  return isScalar(value) && value.value === null && value.source === "" ? null : value;
}

function scalarValue(value: unknown, mark: Mark): Scalar {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw syntaxError("a finite number is expected", mark);
}

export function syntaxError(message: string, mark: Mark, hint?: string): UserError {
  const where = positionOf(mark);
  return new UserError("experiment-syntax", message, hint === undefined ? { where } : { where, hint });
}

/** A mistake found by the YAML parser, in the words of this program where they help more. */
function explain(mistake: YAMLError, text: string, mark: (start: number, end: number) => Mark): UserError {
  const [start, end] = mistake.pos;
  const word = /^[^\s:]+/.exec(text.slice(start))?.[0] ?? "";
  switch (mistake.code) {
    case "DUPLICATE_KEY":
      return syntaxError(
        `the key \`${word}\` appears twice in the same map`,
        mark(start, start + word.length),
        "remove one of them; the second would silently win",
      );
    case "TAB_AS_INDENT":
      return syntaxError(
        "a tab is used for indentation",
        mark(start, end),
        "YAML is indented with spaces only",
      );
    case "BAD_INDENT":
      return syntaxError(
        plain(mistake.message),
        mark(start, end),
        "keys of one map start in the same column",
      );
    case "MULTIPLE_DOCS":
      return syntaxError("a second document starts here", mark(start, start + 3), "one experiment per file");
    case "BLOCK_AS_IMPLICIT_KEY":
    case "MULTILINE_IMPLICIT_KEY":
      return syntaxError(
        "a value and a map cannot both stand here",
        mark(start, end),
        "is the next line indented too far?",
      );
    case "MISSING_CHAR":
      return syntaxError(
        plain(mistake.message),
        mark(start, end),
        "is a `:`, a quote or a bracket missing here or above?",
      );
    case "RESOURCE_EXHAUSTION":
      return syntaxError("is nested too deeply", mark(start, end));
    default:
      return syntaxError(plain(mistake.message), mark(start, end));
  }
}

/** First line of a parser's message, starting in lower case. */
function plain(message: string): string {
  const line = message.split("\n")[0] as string;
  return `${line.charAt(0).toLowerCase()}${line.slice(1)}`;
}
