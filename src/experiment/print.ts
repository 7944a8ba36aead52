/** A loaded experiment as YAML: complete, self-contained, and loadable again to the same experiment. */

import { Document, isCollection, isMap, isScalar, type Node, visit } from "yaml";
import type { LoadedExperiment } from "./load.ts";
import { experimentSchema } from "./schema.ts";
import { TABLES } from "./tables.ts";
import type { Path } from "./tree.ts";

/** Values of an experiment as YAML, sections in the usual order. */
export function yamlText(values: Readonly<Record<string, unknown>>): string {
  const order = Object.keys(experimentSchema(TABLES).properties);
  const sections = order.filter((key) => key in values).map((key) => [key, values[key]]);
  return new Document(Object.fromEntries(sections)).toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** YAML text; with `origins` each value says where it comes from: `# base.yaml:12`, `# --set #1`, `# default`. */
export function experimentYaml(
  loaded: LoadedExperiment,
  options: { readonly origins?: boolean } = {},
): string {
  const { resolved } = loaded;
  const order = Object.keys(experimentSchema(TABLES).properties);
  const document = new Document(
    Object.fromEntries(order.filter((key) => key in resolved).map((key) => [key, resolved[key]])),
  );
  if (options.origins === true) {
    visit(document, {
      Scalar(key, node, ancestors) {
        if (key !== "key") node.comment = ` ${origin(loaded, pathOf(node, ancestors as Node[]))}`;
      },
    });
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function origin(loaded: LoadedExperiment, path: Path): string {
  if (loaded.isDefault(path)) return "default";
  const { file, line } = loaded.locate(path);
  return file.startsWith("--") ? file : `${file}:${line}`;
}

/** Keys and indices on the way from the document to `node`. */
function pathOf(node: Node, ancestors: readonly unknown[]): Path {
  const path: (string | number)[] = [];
  const chain = [...ancestors, node];
  chain.forEach((ancestor, i) => {
    const next = chain[i + 1];
    if (!isCollection(ancestor)) return;
    if (isMap(ancestor)) {
      const pair = ancestor.items.find((item) => item === next);
      if (isScalar(pair?.key)) path.push(String(pair.key.value));
    } else path.push(ancestor.items.indexOf(next));
  });
  return path;
}
