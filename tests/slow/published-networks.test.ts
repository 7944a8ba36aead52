/** The published networks through the program; the same through the simulator, sample by sample: tests/network. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { eventprop } from "../cli/program.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

interface Published {
  readonly samples: readonly (readonly number[])[];
  readonly snapshots: readonly {
    readonly epoch: number;
    readonly hiddenWeights: readonly (readonly number[])[];
    readonly outputWeights: readonly (readonly number[])[];
    readonly firstOutputSpikeSeconds: readonly (readonly (number | null)[])[];
  }[];
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const EXPERIMENT = join(ROOT, "experiments/wunderlich-pehle.yaml");
const OUTPUTS = 3;
const folder = temporaryFolder();

/** First output spikes in seconds, null where there is none: [sample][output]. */
function firstSpikes(csv: string, samples: number): (number | null)[][] {
  const first = Array.from({ length: samples }, () => new Array<number | null>(OUTPUTS).fill(null));
  for (const line of csv.trimEnd().split("\n").slice(1)) {
    const [sample, population, neuron, time] = line.split(",");
    if (population !== "output") continue;
    const row = first[Number(sample)] as (number | null)[];
    row[Number(neuron)] = Math.min(row[Number(neuron)] ?? Number.POSITIVE_INFINITY, Number(time) * 1e-6);
  }
  return first;
}

/** Share of samples whose outputs all agree within 1e-9 s, missing spikes included. */
function agreement(seen: (number | null)[][], published: readonly (readonly (number | null)[])[]): number {
  const same = (a: number | null, b: number | null): boolean =>
    a === null || b === null ? a === b : Math.abs(a - b) <= 1e-9;
  const good = published.filter((row, i) => row.every((time, k) => same(seen[i]?.[k] ?? null, time)));
  return good.length / published.length;
}

describe.each([0, 1])("published networks of Wunderlich & Pehle 2021, seed %i", (seed) => {
  const file = join(ROOT, `../shared/reference/wunderlich-pehle-yinyang-seed${seed}.json`);
  const present = existsSync(file);
  it.skipIf(!present)(
    `first output spikes agree within 1 ns${present ? "" : " (reference data absent)"}`,
    () => {
      const { samples, snapshots } = JSON.parse(readFileSync(file, "utf8")) as Published;
      const events = samples.flatMap(([x = 0, y = 0, u = 0, v = 0], i) =>
        [x, y, u, v].map((value, source) => `${i},${source},${30_000 * value}`).concat(`${i},4,0`),
      );
      const inputs = join(folder, `events-${seed}.csv`);
      writeFileSync(inputs, `sample,source,time_us\n${events.join("\n")}\n`);
      for (const { epoch, hiddenWeights, outputWeights, firstOutputSpikeSeconds } of snapshots) {
        const weights = join(folder, `weights-${seed}-${epoch}.json`);
        writeFileSync(
          weights,
          JSON.stringify({ "input>hidden": hiddenWeights, "hidden>output": outputWeights }),
        );
        const out = join(folder, `out-${seed}-${epoch}`);
        const { code, stderr } = eventprop([
          "emulate",
          EXPERIMENT,
          "--weights",
          weights,
          "--inputs",
          inputs,
          "--out",
          out,
        ]);
        expect(stderr).not.toMatch(/error/);
        expect(code).toBe(0);
        const seen = firstSpikes(readFileSync(join(out, "spikes.csv"), "utf8"), samples.length);
        // 0, 1, 0 and 11 of 200 stored samples are not what the model does: docs/references.md, and
        // tests/network/simulate-references.test.ts, which shows for each why.
        const missed = new Map([
          ["0/91", 1],
          ["1/91", 11],
        ]).get(`${seed}/${epoch}`);
        expect(agreement(seen, firstOutputSpikeSeconds)).toBe((200 - (missed ?? 0)) / 200);
        const shifted = seen.map((row) => row.map((time) => (time === null ? null : time + 2e-9)));
        expect(agreement(shifted, firstOutputSpikeSeconds)).toBeLessThan(0.5);
      }
    },
  );
});
