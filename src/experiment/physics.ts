/**
 * What a schema cannot say: names that must exist, potentials in order, times that fit into a sample. Pure
 * checks on an experiment; what needs the network or the data stands in build-components.ts.
 */

import { listed, suggest } from "../core/suggest.ts";
import { formatTime } from "../core/units.ts";
import { INPUT } from "../network/network.ts";
import { modelOf, spikingKinds } from "../neuron/models/index.ts";
import type { PopulationFile } from "./models.ts";
import { projectionEnds } from "./network.ts";
import type { Problem } from "./problem.ts";
import type { Experiment } from "./schema.ts";

type ProjectionFile = Experiment["network"]["projections"][string];

export interface Findings {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

export function checkPhysics(experiment: Experiment): Findings {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  checkPopulations(experiment, problems);
  checkProjections(experiment, problems, warnings);
  checkUpdate(experiment, problems, warnings);
  return { problems, warnings };
}

function checkPopulations(experiment: Experiment, problems: Problem[]): void {
  const { populations, duration } = experiment.network;
  for (const [name, population] of Object.entries(populations)) {
    const path = ["network", "populations", name];
    if (name === INPUT) {
      const hint = "`input` is where the encoded data arrives; choose another name";
      problems.push({ path, at: "key", message: "a population cannot be called `input`", hint });
    }
    checkTrainable(name, population, problems);
    if (!("threshold" in population)) continue;
    if (population.reset >= population.threshold) {
      const message = `the reset of \`${name}\` (${population.reset}) is not below its threshold (${population.threshold})`;
      const hint = "a neuron that resets above its threshold would fire without end";
      problems.push({ path: [...path, "reset"], at: "value", message, hint });
    }
    if (population.refractory >= duration) {
      const message = `the refractory time of \`${name}\` is not shorter than a sample (${formatTime(duration)})`;
      const hint = "the neuron could spike only once; lengthen `network.duration` or shorten it";
      problems.push({ path: [...path, "refractory"], at: "value", message, hint });
    }
  }
}

/** Words are a chip's; an average of them is not. */
function checkUpdate({ training, chip }: Experiment, problems: Problem[], warnings: Problem[]): void {
  if (training.update.kind === "float") return;
  if (chip.kind === "software") {
    const message = "there are no words in software";
    const hint = "write `update: { kind: float }`, or choose a chip";
    problems.push({ path: ["training", "update", "kind"], at: "value", message, hint });
  }
  if (training.averaging === undefined) return;
  const message = "the average keeps numbers beside the words, and they are what is evaluated";
  warnings.push({ path: ["training", "averaging"], at: "key", message, hint: "leave `averaging` out" });
}

function checkTrainable(name: string, population: PopulationFile, problems: Problem[]): void {
  for (const [constant, { min, max }] of Object.entries(population.trainable ?? {})) {
    const own = population as unknown as Readonly<Record<string, number | undefined>>;
    const now = own[constant] ?? (constant === "tauSynInh" ? population.tauSyn : Number.NaN);
    if (min < now && now < max) continue;
    problems.push({
      path: ["network", "populations", name, "trainable", constant],
      at: "value",
      message: `the first \`${constant}\` of \`${name}\` (${now}) is not between its bounds (${min} and ${max})`,
      hint: "a value at its bound could not move; times are in us here",
    });
  }
}

function checkDelay(key: string, delay: ProjectionFile["delay"], problems: Problem[]): void {
  if (delay === undefined || delay.kind === "none") return;
  const { init, max, learnable } = delay;
  if (init <= max && (!learnable || (init > 0 && init < max))) return;
  problems.push({
    path: ["network", "projections", key, "delay"],
    at: "value",
    message: `the first delay of \`${key}\` (${formatTime(init)}) does not lie between 0 and ${formatTime(max)}`,
    hint: "a delay that is learned starts above 0 and below `max`: at a bound it could not move",
  });
}

function checkProjections(experiment: Experiment, problems: Problem[], warnings: Problem[]): void {
  const { populations, projections } = experiment.network;
  const names = Object.keys(populations);
  const reached = new Set<string>();
  for (const [key, { delay }] of Object.entries(projections)) {
    const path = ["network", "projections", key];
    checkDelay(key, delay, problems);
    const [from, to] = projectionEnds(key);
    reached.add(to);
    if (to === INPUT) {
      const hint = `projections end at populations: ${listed(names)}`;
      problems.push({ path, at: "key", message: `\`${key}\`: nothing can project to the input`, hint });
      continue;
    }
    const unknown = [from, to].find((end) => end !== INPUT && !names.includes(end));
    if (unknown !== undefined) {
      problems.push({
        path,
        at: "key",
        message: `\`${key}\`: there is no population \`${unknown}\``,
        hint: namesHint(unknown, [INPUT, ...names]),
      });
    } else if (from !== INPUT && !modelOf((populations[from] as PopulationFile).model).spikes) {
      const message = `\`${key}\`: \`${from}\` is a leaky integrator, which sends no spikes`;
      const hint = `only the input and populations that spike send them (${spikingKinds()})`;
      problems.push({ path, at: "key", message, hint });
    }
  }
  if (problems.length > 0) return;
  if (!Object.keys(projections).some((key) => projectionEnds(key)[0] === INPUT)) {
    const message = "no projection starts at `input`, so no data reaches the network";
    problems.push({ path: ["network", "projections"], at: "key", message, hint: "e.g. `input>hidden`" });
  }
  for (const name of names.filter((population) => !reached.has(population))) {
    const message = `nothing projects to \`${name}\`: it stays at rest`;
    warnings.push({ path: ["network", "populations", name], at: "key", message });
  }
}

/** Completes a message about a name that is not there. */
export function namesHint(name: string, known: readonly string[]): string {
  const meant = suggest(name, known);
  return meant === undefined ? `there are: ${listed(known)}` : `did you mean \`${meant}\`?`;
}
