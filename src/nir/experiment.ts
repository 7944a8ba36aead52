/** An imported network as an experiment file: data, loss and training of another one, the network of the file. */

import type { LoadedExperiment } from "../experiment/load.ts";
import { yamlText } from "../experiment/print.ts";
import type { NirNetwork } from "./import.ts";

/**
 * @param like whose other sections are taken, and the rows of projections with the same names
 * @param names of the NIR file, and of the file of weights beside the experiment
 */
export function importedExperiment(
  like: LoadedExperiment,
  { populations, projections, values }: NirNetwork,
  names: { readonly file: string; readonly weights: string },
): string {
  const {
    network,
    name: _,
    ...rest
  } = like.resolved as Record<string, unknown> & {
    readonly network: { readonly duration: string };
  };
  const rowsOf = (name: string) => {
    const known = like.experiment.network.projections[name];
    return known === undefined ? {} : { rows: known.rows };
  };
  const file = {
    ...rest,
    network: {
      duration: network.duration,
      populations,
      projections: Object.fromEntries(
        Object.entries(projections).map(([name, { delay }]) => {
          const several = values[`delay ${name}`] !== undefined;
          const own =
            delay === undefined ? {} : { delay: several ? { ...delay, file: names.weights } : delay };
          return [name, { ...rowsOf(name), init: { kind: "file", path: names.weights }, ...own }];
        }),
      ),
    },
  };
  return (
    `# The network of ${names.file}, with data, loss and training of the experiment \`${like.experiment.name}\`.\n\n` +
    yamlText(file)
  );
}
