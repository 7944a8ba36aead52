/**
 * What the parts of an experiment make of each other: data into the encoder, its inputs into the network, the
 * network into loss, estimator and regularizers, and onto the chip. A part that cannot serve the others is
 * named at its line.
 */

import { PROGRAM } from "../core/command-line.ts";
import { type ErrorCode, UserError } from "../core/errors.ts";
import { memberOf } from "../core/table.ts";
import { formatTime } from "../core/units.ts";
import { createEncoder, openDataset } from "../data/index.ts";
import type { DatasetSplits, Encoder } from "../data/types.ts";
import { estimatorIncompatibility } from "../gradient/index.ts";
import { createLoss, LOSSES } from "../loss/index.ts";
import { type Loss, readingsOf } from "../loss/types.ts";
import type { Network, Population } from "../network/network.ts";
import { spikingKinds } from "../neuron/models/index.ts";
import { createRegularizer } from "../optimize/regularizers/index.ts";
import { createInitializer } from "./initial/index.ts";
import { networkOf } from "./network.ts";
import { namesHint } from "./physics.ts";
import { checkPlausibility, checkSizes, type Needs } from "./plausibility.ts";
import type { Problem } from "./problem.ts";
import type { Experiment } from "./schema.ts";
import type { Path } from "./tree.ts";
import { ruleOf, writeFirst, writeFirstDelays } from "./weights.ts";

export interface Components {
  readonly data: DatasetSplits;
  readonly encoder: Encoder;
  /** With nominal constants. */
  readonly network: Network;
  readonly loss: Loss;
  /** Estimated; what cannot be held was refused. */
  readonly needs: Needs;
}

/** Makes an error that points at the value at `path`. */
export type Fail = (code: ErrorCode, path: Path, message: string, hint?: string) => UserError;

/** @throws UserError at the part that does not fit */
export function buildComponents(
  experiment: Experiment,
  fail: Fail,
): Components & { readonly warnings: readonly Problem[] } {
  const data = at(fail, ["data", "path"], () => openDataset(experiment.data));
  const encoder = at(fail, ["encoding", "kind"], () => createEncoder(experiment.encoding, data));
  checkEncoder(experiment, encoder, fail);
  const { needs, problems } = checkSizes(experiment, encoder.inputs, data);
  const [tooLarge] = problems;
  if (tooLarge !== undefined)
    throw fail("experiment-physics", tooLarge.path, tooLarge.message, tooLarge.hint);
  const network = networkOf(experiment, encoder.inputs);
  checkWeights(experiment, network, fail);
  const loss = openLoss(experiment, network, data.train.classes, fail);
  checkEstimator(experiment, network, loss, fail);
  experiment.regularizers.forEach((config, i) => {
    at(fail, ["regularizers", i], () => createRegularizer(network, config));
  });
  const notes = (data.notes ?? []).map((message): Problem => ({ path: ["data"], at: "value", message }));
  const warnings = [...notes, ...checkPlausibility({ experiment, data, network, loss })];
  return { data, encoder, network, loss, needs, warnings };
}

/** Runs `make`; an error of the user that knows no place gets this one. */
function at<T>(fail: Fail, path: Path, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof UserError) || error.where !== undefined) throw error;
    throw fail(error.code, path, error.message, error.hint);
  }
}

function checkEncoder(experiment: Experiment, encoder: Encoder, fail: Fail): void {
  const { duration } = experiment.network;
  if (encoder.latest <= duration) return;
  const late = Object.entries(experiment.encoding).find(([, value]) => value === encoder.latest);
  const path = late === undefined ? ["encoding"] : ["encoding", late[0]];
  const message = `input spikes come up to ${formatTime(encoder.latest)}, a sample ends at ${formatTime(duration)}`;
  throw fail("experiment-physics", path, message, "lengthen `network.duration`, or code earlier");
}

/** Connections and first weights can be made; those that are drawn by formula always can. */
function checkWeights(experiment: Experiment, network: Network, fail: Fail): void {
  for (const projection of network.projections) {
    const path = ["network", "projections", projection.name];
    const { init } = experiment.network.projections[projection.name]!;
    at(fail, [...path, "connect"], () => ruleOf(experiment, projection));
    at(fail, [...path, "delay", "file"], () =>
      writeFirstDelays(experiment, projection, new Float64Array(network.parameters)),
    );
    at(fail, [...path, "init"], () => {
      createInitializer(init);
      if (init.kind !== "file") return;
      writeFirst(experiment, projection, new Float64Array(projection.sources * projection.targets));
    });
  }
}

function openLoss(experiment: Experiment, network: Network, classes: number, fail: Fail): Loss {
  const { loss: config } = experiment;
  const names = network.populations.map(({ name }) => name);
  const named = "output" in config ? config.output : undefined;
  if (named !== undefined && !names.includes(named)) {
    const message = `the loss reads population \`${named}\`, which does not exist`;
    throw fail("experiment-physics", ["loss", "output"], message, namesHint(named, names));
  }
  const loss = at(fail, ["loss"], () => createLoss(network, config));
  const find = (name: string): Population => {
    const found = network.populations.find((population) => population.name === name);
    if (found === undefined) throw new Error(`the loss reads ${name}, which the network does not have`);
    return found;
  };
  for (const [i, reading] of readingsOf(loss).entries()) {
    const population = find(reading.output);
    if (!reading.readsSpikes || population.model.spikes) continue;
    const [path, kind] =
      config.kind === "weighted-sum"
        ? [["loss", "terms", i, "loss", "kind"], config.terms[i]!.loss.kind]
        : [["loss", "kind"], config.kind];
    const message = `\`${kind}\` needs spikes, but \`${population.name}\` is a leaky integrator`;
    const hint = `give it a model that spikes (${spikingKinds()}), or choose a loss on voltages such as max-over-time`;
    throw fail("compatibility", path, message, hint);
  }
  const output = find(loss.output);
  if (memberOf(LOSSES, config.kind).needsLabels && output.size < classes) {
    const message = `\`${output.name}\` has ${output.size} neurons for ${classes} classes`;
    const hint = "a loss on classes needs one neuron per class";
    throw fail("experiment-physics", ["network", "populations", output.name, "size"], message, hint);
  }
  return loss;
}

function checkEstimator(experiment: Experiment, network: Network, loss: Loss, fail: Fail): void {
  const { estimator: config } = experiment;
  const reason = at(fail, ["estimator"], () => estimatorIncompatibility(network, loss, config));
  if (reason !== undefined) {
    const hint = `\`${PROGRAM} list estimators\` says what each one does`;
    throw fail("compatibility", ["estimator", "kind"], `the estimator cannot serve here: ${reason}`, hint);
  }
}
