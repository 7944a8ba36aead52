/**
 * Whether an estimator keeps what it claims, decided by numbers that are all in the report. A claim of which
 * nothing was checked is missed: a pass must have had a chance to fail.
 */

import type { Claim } from "../../gradient/types.ts";
import type { ProjectionAgreement } from "./compare.ts";

export interface Evidence {
  readonly claim: Claim;
  readonly projections: readonly (ProjectionAgreement & { readonly sampleCosine: MeanCosine | null })[];
  /** On all weights together; null when the exact gradient is zero in all samples. */
  readonly sampleCosine: MeanCosine | null;
  /** Errors against the exact gradient on finer and finer grids, and the slope of their logarithms. */
  readonly order: OrderOfConvergence | undefined;
}

/** Cosine with the exact gradient of one sample, mean over samples that have one. */
export interface MeanCosine {
  readonly mean: number;
  /** Standard error of the mean. */
  readonly error: number;
}

/** Against the exact gradient on a grid of step `dt`, µs. */
export interface GridError {
  readonly dt: number;
  readonly relativeError: number | null;
  readonly bias: number | null;
  /** Of single entries. */
  readonly median: number | null;
}

export interface OrderOfConvergence {
  readonly grids: readonly GridError[];
  /** Of ln(median) over ln(dt); null when an error is missing or zero. */
  readonly slope: number | null;
}

export interface Verdict {
  readonly passed: boolean;
  /** What was found, one sentence without a full stop. */
  readonly finding: string;
}

/** First order, with room for spikes that fall into other bins when the grid changes. */
const FIRST_ORDER: readonly [number, number] = [0.7, 1.4];

export function judge(evidence: Evidence): Verdict {
  const { claim, projections, order } = evidence;
  switch (claim) {
    case "exact":
      return exactness(projections);
    case "consistent":
      return consistency(order);
    case "heuristic":
      return direction(evidence);
    default:
      return claim satisfies never;
  }
}

/** Forwards as a whole, and in no projection backwards by more than two standard errors. */
function direction({ projections, sampleCosine }: Evidence): Verdict {
  if (sampleCosine === null)
    return { passed: false, finding: "nothing was checked: the exact gradient is zero in all samples" };
  const shown = projections.flatMap(({ projection, sampleCosine: own }) =>
    own === null ? [] : [`${own.mean.toFixed(3)} +- ${own.error.toFixed(3)} on ${projection}`],
  );
  const backwards = projections.some(({ sampleCosine: own }) => own !== null && own.mean + 2 * own.error < 0);
  return {
    passed: sampleCosine.mean > 0 && !backwards,
    finding: `mean cosine with the exact gradient ${sampleCosine.mean.toFixed(3)}: ${shown.join(", ")}`,
  };
}

function exactness(projections: Evidence["projections"]): Verdict {
  const sum = (count: (one: ProjectionAgreement) => number): number =>
    projections.reduce((total, one) => total + count(one), 0);
  const wrong = sum((one) => one.wrong);
  const judged = sum((one) => one.checked - one.unresolved);
  const unchecked = projections.filter((one) => one.checked === one.unresolved);
  if (wrong > 0) return { passed: false, finding: `${wrong} of ${judged} differences are not met` };
  if (sum((one) => one.checked) === 0)
    return {
      passed: false,
      finding: "nothing was checked: every difference was skipped or outside its claim",
    };
  if (sum((one) => one.nonzero - one.unresolved) === 0)
    return { passed: false, finding: "nothing was checked: no difference other than zero" };
  if (unchecked.length > 0) {
    const names = unchecked.map(({ projection }) => projection).join(", ");
    return { passed: false, finding: `nothing was checked of ${names}: no difference is known well enough` };
  }
  const zero = projections.filter(({ nonzero }) => nonzero === 0).map(({ projection }) => projection);
  const note = zero.length === 0 ? "" : `; those of ${zero.join(", ")} are all zero`;
  return { passed: true, finding: `all ${judged} differences are met${note}` };
}

function consistency(order: OrderOfConvergence | undefined): Verdict {
  if (order === undefined) return { passed: false, finding: "nothing was checked: it has no grid to refine" };
  const { slope } = order;
  if (slope === null) return { passed: false, finding: "nothing was checked: the exact gradient is zero" };
  const [lowest, highest] = FIRST_ORDER;
  const passed = slope >= lowest && slope <= highest;
  return { passed, finding: `error falls with dt to the power ${slope.toFixed(2)}` };
}
