/**
 * The table of gradient estimators: `estimator.kind` of an experiment file; and its members by name, with the options that
 * a file would get by leaving them out.
 */

import type { TProperties } from "@sinclair/typebox";
import { UserError } from "../core/errors.ts";
import { suggest } from "../core/suggest.ts";
import { memberOf, type OptionsOf } from "../core/table.ts";
import { parseTime } from "../core/units.ts";
import type { Loss } from "../loss/types.ts";
import type { Network } from "../network/network.ts";
import { eventProp } from "./eventprop.ts";
import { eventPropGrid } from "./eventprop-grid.ts";
import { eventPropSmoothed } from "./eventprop-smoothed.ts";
import { firstSpikeGradient } from "./first-spike.ts";
import { surrogate } from "./surrogate.ts";
import type { Estimator, Incompatibility } from "./types.ts";

export const ESTIMATORS = [
  eventProp,
  eventPropSmoothed,
  eventPropGrid,
  surrogate,
  firstSpikeGradient,
] as const;
export type EstimatorConfig = OptionsOf<(typeof ESTIMATORS)[number]>;

/** The estimator that `config` names, for one network. Times in µs. */
export function createEstimator(network: Network, config: EstimatorConfig): Estimator {
  return memberOf(ESTIMATORS, config.kind).create.create(network, config as never);
}

/** Why the estimator that `config` names cannot serve this network and loss; undefined when it can. */
export function estimatorIncompatibility(
  network: Network,
  loss: Loss,
  config: EstimatorConfig,
): Incompatibility {
  return memberOf(ESTIMATORS, config.kind).create.incompatible(network, loss, config as never);
}

export type EstimatorKind = EstimatorConfig["kind"];

export const ESTIMATOR_KINDS: readonly EstimatorKind[] = ESTIMATORS.map(({ kind }) => kind);

/** An estimator with its default options and these changes. Times in µs. */
export function defaultEstimator<Kind extends EstimatorKind>(
  kind: Kind,
  changes: Partial<Extract<EstimatorConfig, { kind: Kind }>> = {},
): EstimatorConfig {
  const member = ESTIMATORS.find((entry) => entry.kind === kind);
  if (member === undefined) throw new Error(`no estimator ${kind} in the table`);
  const defaults = Object.entries(member.options as TProperties).flatMap(([name, schema]) => {
    const { default: defaultValue } = schema;
    if (defaultValue === undefined) return [];
    return [[name, "quantity" in schema ? parseTime(defaultValue as string) : defaultValue]];
  });
  return { kind, ...Object.fromEntries(defaults), ...changes } as EstimatorConfig;
}

/** @throws UserError("usage") when the table has no such estimator */
export function estimatorKind(name: string): EstimatorKind {
  const found = ESTIMATOR_KINDS.find((kind) => kind === name);
  if (found !== undefined) return found;
  const meant = suggest(name, [...ESTIMATOR_KINDS]);
  throw new UserError("usage", `there is no estimator ${name}`, {
    hint: meant === undefined ? `estimators are: ${ESTIMATOR_KINDS.join(", ")}` : `is ${meant} meant?`,
  });
}
