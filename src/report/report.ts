/** What a report of a run, or of a sweep, says. It reads files and runs nothing; the same files give the same bytes. */

import { experimentYaml } from "../experiment/print.ts";
import { differenceName } from "../sweep/compare.ts";
import type { SweepOutcome } from "../sweep/outcome.ts";
import type { Metric } from "../sweep/schema.ts";
import type { RankingLine } from "../sweep/search/ranking.ts";
import { COLUMN_HELP, numberText, overText } from "../sweep/tables.ts";
import { type NamedFigure, RUN_FIGURES, sweepFigures } from "./figures.ts";
import { factsHtml, figureHtml, listHtml, pageHtml, preformatted, type Section, tableHtml } from "./page.ts";
import type { RunData } from "./run-data.ts";

export async function runReport(run: RunData): Promise<string> {
  const { loaded, result } = run;
  const { experiment } = loaded;
  const figures = new Map(RUN_FIGURES.map(({ name, draw }) => [name, draw(run)]));
  const drawn = async (...names: readonly string[]): Promise<string> => {
    const all = names.flatMap((name) => figures.get(name) ?? []);
    if (all.length === 0) return "";
    const parts = await Promise.all(all.map((one: NamedFigure) => figureHtml(one)));
    return `<div class="figures">${parts.join("\n")}</div>`;
  };
  const sections: Section[] = [{ id: "run", title: "What was run", body: factsHtml(runFacts(run)) }];
  if (run.metrics.length > 0)
    sections.push(
      { id: "learning", title: "Learning", body: await drawn("learning-curve", "activity") },
      { id: "cost", title: "Time and bytes", body: costTable(run) },
    );
  const answers = await drawn("confusion", "class-map", "first-spike-map");
  const evaluated = evaluationTable(run) ?? "";
  if (answers !== "" || evaluated !== "")
    sections.push({ id: "answers", title: "Answers", body: `${answers}\n${evaluated}` });
  for (const [name, title] of [
    ["raster", "Spikes of samples"],
    ["membrane", "Membranes and adjoint"],
    ["spikes", "Activity"],
    ["ideal", "Chip and ideal model"],
    ["weights", "Weights"],
    ["calibration", "Calibration"],
  ] as const) {
    const body = await drawn(name);
    if (body !== "") sections.push({ id: name, title, body });
  }
  sections.push(
    { id: "experiment", title: "Experiment", body: preformatted(experimentYaml(loaded).trimEnd()) },
    { id: "provenance", title: "Provenance", body: factsHtml(provenanceFacts(run)) },
  );
  const accuracy = result?.testAccuracy;
  const lead = [
    result === undefined ? "not ended" : result.outcome,
    ...(accuracy == null ? [] : [`test accuracy ${(100 * accuracy).toFixed(1)} %`]),
    chipName(run),
    `seed ${experiment.seed}`,
  ];
  return pageHtml(`${experiment.name}: ${run.name}`, lead.join(" · "), sections);
}

function chipName({ loaded }: RunData): string {
  const { chip } = loaded.experiment;
  return chip.kind === "simulated"
    ? `simulated chip ${chip.seed}`
    : chip.kind === "software"
      ? "software"
      : "ideal chip";
}

function runFacts(run: RunData): [string, string][] {
  const { loaded, result } = run;
  const { experiment, components } = loaded;
  const { network, data } = components;
  const sizes = network.populations.map(({ name, size, model }) => `${size} ${name} (${model.kind})`);
  return [
    [
      "data",
      `${experiment.data.kind}: ${data.train.size} / ${data.validation.size} / ${data.test.size} samples, ${data.train.classes} classes`,
    ],
    [
      "network",
      `${network.inputs} inputs, ${sizes.join(", ")}; ${network.weights} weights; ${network.duration} µs per sample`,
    ],
    ["chip", chipName(run)],
    ["loss", experiment.loss.kind],
    ["gradient", experiment.estimator.kind],
    [
      "training",
      `${experiment.training.epochs} epochs, batches of ${experiment.training.batch}, ${experiment.optimizer.kind}`,
    ],
    ["seed", String(experiment.seed)],
    ["outcome", result === undefined ? "not ended" : `${result.outcome} after ${result.epochs} epochs`],
    ...(result?.message === undefined ? [] : [["message", result.message] as [string, string]]),
  ];
}

/** Sums over the run of what metrics.csv has per epoch and split. */
function costTable({ metrics }: RunData): string {
  const splits = [...new Set(metrics.map(({ split }) => split))];
  const rows = splits.map((split) => {
    const own = metrics.filter((row) => row.split === split);
    const sum = (values: readonly (number | null)[]): number =>
      values.reduce((a: number, b) => a + (b ?? 0), 0);
    const last = own.at(-1)!;
    return [
      split,
      String(own.length),
      (sum(own.map((row) => row.epoch_ms)) / 1000).toFixed(1),
      (sum(own.map((row) => row.chip_ms)) / 1000).toFixed(1),
      (sum(own.map((row) => row.host_ms)) / 1000).toFixed(1),
      numberText(last.bytes_observed_per_sample),
      numberText(last.bytes_kept_per_sample),
      numberText(last.bytes_observed_surrogate),
    ];
  });
  const header = [
    "split",
    "passes",
    "wall s",
    "chip s",
    "host s",
    "bytes observed",
    "bytes kept",
    "bytes observed, surrogate",
  ];
  const note =
    "<p>Chip and host seconds are summed over workers; bytes are per sample, in the last pass.</p>";
  return `${tableHtml(header, rows, [1, 2, 3, 4, 5, 6, 7])}\n${note}`;
}

function evaluationTable({ evaluations }: RunData): string | undefined {
  if (evaluations.length === 0) return undefined;
  const rows = evaluations.map(({ name, substrate, split, samples, accuracy, standardError, loss }) => [
    name,
    substrate,
    split,
    String(samples),
    accuracy === null ? "-" : `${(100 * accuracy).toFixed(2)} %`,
    standardError === null ? "-" : `${(100 * standardError).toFixed(2)} %`,
    loss.toPrecision(4),
  ]);
  const header = ["evaluation", "on", "split", "samples", "accuracy", "standard error", "loss"];
  return tableHtml(header, rows, [3, 4, 5, 6]);
}

function provenanceFacts({ provenance }: RunData): [string, string][] {
  const { version, programHash, experimentHash, git, node, system, processor, started, ended } = provenance;
  return [
    ["command", provenance.command.join(" ")],
    ["program", `${version}, ${programHash.slice(0, 16)}`],
    ["experiment", experimentHash.slice(0, 16)],
    ["repository", git === null ? "none" : `${git.commit}${git.dirty ? ", changed" : ""}`],
    ["Node", node],
    ["machine", `${system}; ${processor.count} x ${processor.model}`],
    ["started", started],
    ["ended", ended ?? "not yet"],
    ["resumed", `${provenance.resumed.length} times`],
  ];
}

function rankingTable(ranking: readonly RankingLine[], metric: Metric): string {
  const rows = ranking.map((one, i) => [
    String(i + 1),
    one.label,
    String(one.epochs),
    String(one.runs),
    numberText(one.score, metric),
    one.chosen ? numberText(one.testAccuracy, "testAccuracy") : "",
  ]);
  const header = ["rank", "point", "epochs", "runs", metric, "testAccuracy"];
  const note =
    "<p>Points are judged on the validation samples; the test samples were read for the chosen ones, at the end.</p>";
  return `${tableHtml(header, rows, [0, 2, 3, 4, 5])}\n${note}`;
}

export async function sweepReport(name: string, outcome: SweepOutcome): Promise<string> {
  const { table, comparison, search, concerns } = outcome;
  const { metric, summaries, comparisons } = comparison;
  const figures = new Map(sweepFigures(table, comparison).map((one) => [one.name, one]));
  const drawn = async (which: string): Promise<string> => {
    const figure = figures.get(which);
    return figure === undefined ? "" : figureHtml(figure);
  };
  const value = (number: number | null | undefined): string => numberText(number ?? null, metric);
  const summaryRows = summaries.map((one) => [
    one.setting,
    overText(one),
    String(one.summary?.n ?? 0),
    ...[one.summary?.mean, one.summary?.sd, one.summary?.median, one.summary?.min, one.summary?.max].map(
      value,
    ),
    String(one.failed),
    String(one.unfinished),
    String(one.collapsed),
  ]);
  const pairRows = comparisons.map((one) => [
    differenceName(one),
    one.pairedBy,
    String(one.pairs),
    value(one.mean),
    one.p === null
      ? "too few"
      : one.interval === null
        ? "-"
        : `${value(one.interval[0])} to ${value(one.interval[1])}`,
    one.p === null ? "-" : numberText(one.p),
    one.holm === null ? "-" : numberText(one.holm),
  ]);
  const runRows = table.rows.map((row) => [
    table.settings[row.setting]!.label,
    row.chip === null ? "-" : String(row.chip),
    String(row.seed),
    row.outcome ?? row.state,
    value(row.metrics[metric]),
    row.collapsed ? "collapsed" : "",
    row.folder,
  ]);
  const sections: Section[] = [
    ...(concerns.length === 0
      ? []
      : [{ id: "concerns", title: "Before reading the numbers", body: listHtml(concerns) }]),
    ...(search === undefined
      ? []
      : [{ id: "ranking", title: "Ranking", body: rankingTable(search.ranking, metric) }]),
    {
      id: "settings",
      title: "Settings",
      body: `${await drawn("settings")}\n${tableHtml(
        [
          "setting",
          "spread over",
          "n",
          "mean",
          "sd",
          "median",
          "min",
          "max",
          "failed",
          "unfinished",
          "collapsed",
        ],
        summaryRows,
        [2, 3, 4, 5, 6, 7, 8, 9, 10],
      )}\n<p>${COLUMN_HELP.summary}</p>`,
    },
  ];
  if (comparisons.length > 0)
    sections.push({
      id: "differences",
      title: "Differences",
      body: `${await drawn("differences")}\n${tableHtml(
        ["difference", "paired by", "pairs", "mean", "95 % interval", "p", "Holm"],
        pairRows,
        [2, 3, 4, 5, 6],
      )}\n<p>${COLUMN_HELP.comparison}</p>`,
    });
  sections.push({
    id: "runs",
    title: "Runs",
    body: tableHtml(["setting", "chip", "seed", "outcome", metric, "", "folder"], runRows, [1, 2, 4]),
  });
  const done = table.rows.filter(({ state }) => state === "done").length;
  return pageHtml(name, `${done} of ${table.rows.length} runs finished · ${metric}`, sections);
}
