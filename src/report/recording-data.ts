/** What `eventprop emulate` wrote: spikes.csv and membrane.csv, and the figures that show one sample of it. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseCsv } from "../core/csv-text.ts";
import { UserError } from "../core/errors.ts";
import type { Figure } from "../figures/figure.ts";
import { membraneFigure, rasterFigure, type SpikeRow, type VoltageRow } from "../figures/recordings.ts";

export interface Recording {
  readonly sample: number;
  readonly spikes: readonly SpikeRow[];
  readonly voltages: readonly VoltageRow[];
}

export const RECORDING_FIGURES: readonly {
  readonly name: string;
  readonly summary: string;
  draw(recording: Recording): Figure;
}[] = [
  {
    name: "raster",
    summary: "spikes of one sample that `emulate` recorded, neuron by neuron",
    draw: ({ sample, spikes }) => rasterFigure(`Sample ${sample}`, "", spikes),
  },
  {
    name: "membrane",
    summary: "membranes of one sample that `emulate` recorded",
    draw: ({ sample, spikes, voltages }) => membraneFigure(`Sample ${sample}`, "", voltages, spikes),
  },
];

/** Whether a folder holds what `emulate` wrote. */
export function isRecording(folder: string): boolean {
  return existsSync(join(folder, "spikes.csv"));
}

/** Number of the first sample of a recording; undefined when it has none. */
export function firstSample(folder: string): number | undefined {
  for (const file of ["membrane.csv", "spikes.csv"]) {
    const path = join(folder, file);
    const [first] = existsSync(path) ? parseCsv(readFileSync(path, "utf8"), path).rows : [];
    if (first !== undefined) return Number(first.cells[0]);
  }
  return undefined;
}

/** One sample of a recording. @throws UserError when the folder has none */
export function readRecording(folder: string, sample: number): Recording {
  const rows = (file: string) => {
    const path = join(folder, file);
    if (!existsSync(path))
      throw new UserError("file", `${folder} is not a recording: it has no ${file}`, {
        hint: "name the folder that `emulate` wrote",
      });
    return parseCsv(readFileSync(path, "utf8"), path).rows.map(({ cells }) => cells);
  };
  const all = rows("spikes.csv");
  const voltages = rows("membrane.csv").filter(([number]) => Number(number) === sample);
  const spikes = all.filter(([number]) => Number(number) === sample);
  if (spikes.length + voltages.length === 0)
    throw new UserError("file", `${folder} has nothing of sample ${sample}`, {
      hint: "choose another with --sample",
    });
  const place = ([, population, neuron, time]: readonly string[]): SpikeRow => ({
    population: population as string,
    neuron: Number(neuron),
    time: Number(time),
  });
  return {
    sample,
    spikes: spikes.map(place),
    voltages: voltages.map((cells) => ({ ...place(cells), voltage: Number(cells[4]) })),
  };
}
