/** Which estimators are checked on an experiment, and why some of the table are not. */

import { UserError } from "../../core/errors.ts";
import type { LoadedExperiment } from "../../experiment/load.ts";
import {
  createEstimator,
  defaultEstimator,
  ESTIMATOR_KINDS,
  type EstimatorConfig,
  type EstimatorKind,
  estimatorIncompatibility,
} from "../../gradient/index.ts";
import type { Claim, Estimator } from "../../gradient/types.ts";
import type { GradientProblem } from "./gradient-problem.ts";

/** An estimator that is put to the test. */
export interface EstimatorUnderTest {
  readonly name: EstimatorKind;
  readonly config: EstimatorConfig;
  readonly claim: Claim;
  /** As configured. */
  readonly estimator: Estimator;
  /** Without a floor under slopes, which is what the claim is about; the same one when it has none. */
  readonly free: Estimator;
  /** The free estimator on finer grids, coarse to fine; empty when it has no grid. */
  readonly refined: readonly { readonly dt: number; readonly estimator: Estimator }[];
  /** Whether the estimator was asked for; one that was not may find nothing that it serves. */
  readonly named: boolean;
  /** Whether the experiment trains with it or it was asked for. Others are shown for comparison: only their claims count. */
  readonly trained: boolean;
}

export interface Incompatible {
  readonly name: string;
  readonly reason: string;
}

export interface ChosenEstimators {
  readonly underTest: readonly EstimatorUnderTest[];
  /** Estimators of the table that cannot serve this network and loss. */
  readonly incompatible: readonly Incompatible[];
}

/** Grids on which the order of a consistent estimator is measured, relative to the default one. */
const GRIDS = [1, 1 / 2, 1 / 4, 1 / 8, 1 / 16];

/**
 * The estimators called `names`; without names, all of the table that can serve. The experiment's own estimator
 * keeps its options, the others have their defaults, with grids that suit the network's time constants.
 *
 * @throws UserError("compatibility") when one that was named cannot serve
 */
export function chooseEstimators(
  loaded: LoadedExperiment,
  { network, loss }: Pick<GradientProblem, "network" | "loss">,
  names: readonly EstimatorKind[] | undefined,
): ChosenEstimators {
  const underTest: EstimatorUnderTest[] = [];
  const incompatible: Incompatible[] = [];
  const step = gridStep(network);
  for (const kind of names ?? ESTIMATOR_KINDS) {
    const own = loaded.experiment.estimator;
    const config = own.kind === kind ? own : onGrid(defaultEstimator(kind), step);
    const reason = estimatorIncompatibility(network, loss, config);
    if (reason === undefined) {
      const estimator = createEstimator(network, config);
      const { claim } = estimator;
      const named = names !== undefined;
      const trained = named || own.kind === kind;
      const unlimited = withoutFloor(config);
      const free = unlimited === config ? estimator : createEstimator(network, unlimited);
      const refined = claim === "consistent" ? refine(unlimited, step, network) : [];
      underTest.push({ name: kind, config, claim, estimator, free, refined, named, trained });
    } else if (names === undefined) incompatible.push({ name: kind, reason });
    else {
      throw new UserError("compatibility", `${kind} cannot serve here: ${reason}`, {
        where: loaded.locate(["loss", "kind"]),
        hint: "leave it out of --estimators, or change the network or its loss",
      });
    }
  }
  return { underTest, incompatible };
}

/** A sixth of the shortest time constant, µs: 1 µs for the Yin-Yang experiment, which is the published step. */
function gridStep({ constants: { tauMem, tauSynExc, tauSynInh } }: GradientProblem["network"]): number {
  const shortest = [tauMem, tauSynExc, tauSynInh].map((all) => all.reduce((a, b) => Math.min(a, b)));
  return Number((Math.min(...shortest) / 6).toPrecision(3));
}

/** Every estimator on a grid calls its step `dt`; membranes are sampled half as often. */
function onGrid(config: EstimatorConfig, dt: number): EstimatorConfig {
  if (!("dt" in config)) return config;
  return "samplePeriod" in config ? { ...config, dt, samplePeriod: 2 * dt } : { ...config, dt };
}

function withoutFloor(config: EstimatorConfig): EstimatorConfig {
  return "slopeFloor" in config && config.slopeFloor !== 0 ? { ...config, slopeFloor: 0 } : config;
}

function refine(
  config: EstimatorConfig,
  step: number,
  network: GradientProblem["network"],
): EstimatorUnderTest["refined"] {
  return GRIDS.map((factor) => {
    const dt = factor * step;
    return { dt, estimator: createEstimator(network, { ...config, dt } as EstimatorConfig) };
  });
}
