/**
 * Estimators of the table by name, with the options that an experiment file would get by leaving them out, and
 * with what a check sets itself. The table stays the one place where options and defaults are written.
 */

import type { TProperties } from "@sinclair/typebox";
import { UserError } from "../core/errors.ts";
import { suggest } from "../core/suggest.ts";
import { parseTime } from "../core/units.ts";
import { ESTIMATORS, type EstimatorConfig } from "../gradient/index.ts";

export type EstimatorKind = EstimatorConfig["kind"];

export const ESTIMATOR_KINDS: readonly EstimatorKind[] = ESTIMATORS.map(({ kind }) => kind);

/** Times in µs. */
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
