/** What the search of a sweep file may not say, beyond what its schema knows. */

import { mayBecomeLonger } from "../../engine/resume.ts";
import type { Problem } from "../../experiment/problem.ts";
import type { Experiment } from "../../experiment/schema.ts";
import { find, type MapNode } from "../../experiment/tree.ts";
import { isTest, type Metric } from "../schema.ts";
import type { Range, Search } from "./schema.ts";

export function searchProblems(root: MapNode, search: Search, metric: Metric): Problem[] {
  const problems: Problem[] = [];
  for (const key of ["grid", "list"] as const)
    if (find(root, [key]) !== undefined)
      problems.push({
        path: [key],
        at: "key",
        message: `\`${key}\` and \`search\` exclude each other`,
        hint: "values that every point has belong into the base",
      });
  if (isTest(metric))
    problems.push({
      path: ["metric"],
      at: "value",
      message: "a search is judged on the validation samples; the test samples are read once, at its end",
      hint: "metric: validationAccuracy, or validationLoss",
    });
  for (const [path, range] of Object.entries(search.ranges))
    problems.push(...rangeProblems(["search", "ranges", path], range));
  if (search.kind === "halving" && search.ranges["training.epochs"] !== undefined)
    problems.push({
      path: ["search", "ranges", "training.epochs"],
      at: "key",
      message: "successive halving itself decides on the epochs of a point",
    });
  if (search.chosen > search.points)
    problems.push({
      path: ["search", "chosen"],
      at: "value",
      message: `there are only ${search.points} points to choose from`,
    });
  return problems;
}

function rangeProblems(path: readonly string[], { range, scale, unit, choices }: Range): Problem[] {
  const problem = (key: string | undefined, message: string, hint?: string): Problem[] => [
    {
      path: key === undefined ? path : [...path, key],
      at: key === undefined ? "key" : "value",
      message,
      ...(hint === undefined ? {} : { hint }),
    },
  ];
  const name = path.at(-1);
  if ((range === undefined) === (choices === undefined))
    return problem(
      undefined,
      `\`${name}\` needs either \`range\` or \`choices\``,
      "e.g. { range: [1e-4, 1e-2], scale: log }",
    );
  if (range === undefined) {
    if (scale !== undefined) return problem("scale", "`choices` have no scale");
    return unit === undefined ? [] : problem("unit", "`choices` are written with their unit");
  }
  const [low, high] = range as [number, number];
  if (!(low < high)) return problem("range", "the first value of a range is the smaller one");
  if (scale === "log" && low <= 0) return problem("range", "a logarithmic range begins above 0");
  if (scale === "int" && !(Number.isSafeInteger(low) && Number.isSafeInteger(high) && high - low < 2 ** 32))
    return problem("range", "a range of whole numbers has whole bounds");
  return [];
}

/** Where the experiment cannot be searched as asked. */
export function searchedExperimentProblems(search: Search, experiment: Experiment): Problem[] {
  if (search.kind !== "halving") return [];
  const { schedule, training } = experiment;
  if (!mayBecomeLonger(experiment))
    return [
      {
        path: ["search", "kind"],
        at: "value",
        message: `successive halving makes trainings longer, but the schedule \`${schedule.kind}\` depends on the number of epochs`,
        hint: "search with `kind: random`, or with another schedule",
      },
    ];
  if (search.firstEpochs < training.epochs) return [];
  return [
    {
      path: ["search", "firstEpochs"],
      at: "value",
      message: `the first rung has ${search.firstEpochs} epochs, the whole training only ${training.epochs}`,
      hint: "lower search.firstEpochs, or raise training.epochs in the base",
    },
  ];
}
