import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { metricsRow, newTotals } from "../../src/engine/epoch-totals.ts";
import type { MetricsRow } from "../../src/engine/metrics.ts";
import { CONDITION_NAMES, createWatch, type Warning } from "../../src/engine/warnings.ts";
import { buildNetwork } from "../../src/network/network.ts";

const tau = { tauMem: 6, tauSynExc: 6, tauSynInh: 6, threshold: 1, reset: 0, refractory: 0 };
const network = buildNetwork(
  5,
  [
    { name: "hidden", model: "lif", size: 10, ...tau },
    { name: "readout", model: "li", size: 3, ...tau },
  ],
  [
    { from: "input", to: "hidden", rows: 5 },
    { from: "hidden", to: "readout", rows: 1 },
  ],
  38,
);

type Changes = Partial<Omit<MetricsRow, "parts">> & { readonly parts?: MetricsRow["parts"] };

/** A row of a network in good health, with something changed. */
function row({ parts = {}, ...changes }: Changes = {}): MetricsRow {
  const totals = newTotals(network);
  totals.batches = 1;
  Object.assign(totals.statistics, {
    samples: 100,
    classification: 40,
    correct: 90,
    spikes: 2000,
    inputs: 500,
    surrogateBytesObserved: 1,
  });
  totals.spikeCounts.fill(200, 0, 10);
  totals.gradientSquares.fill(1);
  const healthy = metricsRow(1, "train", totals, network, 1e-3);
  return { ...healthy, ...changes, parts: { ...healthy.parts, ...parts } };
}

const context = { network, weightSteps: [0.01, 0.02], lossOfEqualScores: Math.log(3) };

function seen(...rows: readonly MetricsRow[]): Warning[] {
  const watch = createWatch(context);
  return rows.flatMap((each) => watch(each));
}

const stuck = (epoch: number): MetricsRow => row({ epoch, loss_classification: Math.log(3) * 1.005 });

/** For each condition rows that show it, its subject, and a piece of what is said. */
const SHOWN: Readonly<Record<string, [readonly MetricsRow[], string, string]>> = {
  "silent-population": [
    [row({ parts: { "hidden.silent_neurons": 1, "hidden.silent_samples": 1 } })],
    "hidden",
    "10 of 10 neurons have no spike at all, 100 % of the samples",
  ],
  "zero-gradient": [[row({ parts: { "input>hidden.zero_gradients": 1 } })], "input>hidden", "every batch"],
  "loss-of-guessing": [[1, 2, 3, 4, 5].map(stuck), "loss", "has stayed at 1.1 for 5 epochs"],
  "loss-above-guessing": [
    [row(), row({ epoch: 2, loss_classification: 5.7e11 })],
    "loss",
    "has grown to 570000000000; guessing costs 1.1",
  ],
  "outputs-silent": [[row({ unanswered: 20 })], "train", "no output answers in 20 %"],
  "outputs-missing": [[row({ missing_outputs: 260 })], "train", "2.6 outputs of a train sample"],
  "outputs-tied": [[row({ tied: 2 })], "train", "share the best score in 2.0 %"],
  "weights-zeroed": [
    [row({ parts: { "hidden>readout.zeroed_weights": 1 } })],
    "hidden>readout",
    "30 of 30 weights of hidden>readout are below half a step of the chip (0.01) and became 0",
  ],
  "weights-limited": [
    [row({ parts: { "input>hidden.limited_weights": 0.5 } })],
    "input>hidden",
    "25 of 50 weights of input>hidden are at the limit",
  ],
  "inputs-dropped": [[row({ dropped_inputs: 100 })], "train", "17 % of the train input events"],
  "spikes-dropped": [[row({ dropped_spikes: 500 })], "train", "20 % of the train spikes were dropped"],
  "stray-events": [[row({ stray_events: 100 })], "train", "no neuron of the network sends"],
  "early-spikes": [[row({ early_spikes: 100 })], "train", "before their sample began"],
  "late-spikes": [[row({ late_spikes: 100 })], "train", "after the end of their sample"],
  "late-arrivals": [[row({ late_arrivals: 300 })], "train", "delays push 300 arrivals of train spikes"],
  "recordings-cut": [[row({ cut_recordings: 3 })], "train", "3 recordings of membranes end before"],
  "jumps-capped": [[row({ capped_jumps: 500 })], "gradient", "capped at 25 % of the spikes"],
};

describe("conditions that keep a network from learning", () => {
  it("has an example here and a section in the document for each", () => {
    expect(Object.keys(SHOWN)).toEqual(CONDITION_NAMES);
    const document = readFileSync(new URL("../../docs/when-it-does-not-learn.md", import.meta.url), "utf8");
    for (const name of CONDITION_NAMES) expect(document).toContain(`## \`${name}\``);
  });

  it.each(Object.entries(SHOWN))("%s", (name, [rows, subject, piece]) => {
    const warnings = seen(...rows);
    expect(warnings.map(({ condition }) => condition)).toEqual([name]);
    expect(warnings[0]).toMatchObject({ subject, split: "train" });
    expect(warnings[0]!.message).toContain(piece);
    expect(warnings[0]!.hint).not.toBe("");
  });

  it("are not seen in a network in good health, nor in the noise of a chip", () => {
    expect(seen(row(), row({ epoch: 2 }))).toEqual([]);
    expect(seen(row({ dropped_inputs: 2, dropped_spikes: 8, capped_jumps: 30, tied: 1 }))).toEqual([]);
  });

  it("are said once for each part, when they begin", () => {
    const silent = { "hidden.silent_neurons": 1, "hidden.silent_samples": 1 };
    const warnings = seen(
      row(),
      row({ epoch: 2, parts: silent }),
      row({ epoch: 3, parts: silent }),
      row({ epoch: 3, split: "validation", learning_rate: null, unanswered: 100 }),
      row({ epoch: 4, parts: { ...silent, "input>hidden.zero_gradients": 1 } }),
    );
    expect(warnings.map(({ condition, epoch }) => [condition, epoch])).toEqual([
      ["silent-population", 2],
      ["outputs-silent", 3],
      ["zero-gradient", 4],
    ]);
  });

  it("does not take a loss that is on its way for one that is stuck", () => {
    const rows = [1, 2, 3, 4, 5, 6].map((epoch) =>
      row({ epoch, loss_classification: Math.log(3) * (1 - 0.01 * epoch) }),
    );
    expect(seen(...rows)).toEqual([]);
  });
});
