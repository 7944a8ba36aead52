/**
 * Whether an estimator keeps what it claims, decided by numbers that are all in the report. A claim of which
 * nothing was checked is missed: a pass must have had a chance to fail.
 */

import type { Claim } from "../../gradient/types.ts";
import type { ProjectionAgreement } from "./agreement.ts";

export interface Evidence {
  readonly claim: Claim;
  readonly projections: readonly ProjectionEvidence[];
  /** On all weights together; null when the exact gradient is zero in all samples. */
  readonly sampleCosine: MeanCosine | null;
  /** Errors against the exact gradient on finer and finer grids, and the slope of their logarithms. */
  readonly order: OrderOfConvergence | undefined;
  /** null for an estimator without a floor under slopes. */
  readonly floor: FloorEffect | null;
}

/** Agreement with central differences without a floor under slopes, and directions as the estimator trains. */
export interface ProjectionEvidence extends ProjectionAgreement {
  readonly sampleCosine: MeanCosine | null;
  /** Cosine with the exact gradient, both summed over samples; null where one of them is zero. */
  readonly trainedCosine: number | null;
}

/** What a floor under slopes does to the gradient of all samples together. */
export interface FloorEffect {
  /** Jumps that were capped, of how many. */
  readonly cappedJumps: number;
  readonly jumps: number;
  /** ‖with − without‖ / ‖without‖; null when that is zero. */
  readonly change: number | null;
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
  /** The claim is kept, and the estimator as it trains points backwards on no projection. */
  readonly passed: boolean;
  readonly claimKept: boolean;
  /** What was found, one sentence without a full stop. */
  readonly finding: string;
}

/** First order, with room for spikes that fall into other bins when the grid changes. */
const FIRST_ORDER: readonly [number, number] = [0.7, 1.4];

/**
 * An estimator must keep its claim, and, as it trains, must not point backwards on any projection: neither on average
 * over samples nor in their sum.
 */
export function judge(evidence: Evidence): Verdict {
  const verdict = judgeClaim(evidence);
  const backwards = evidence.projections.flatMap(({ projection, sampleCosine, trainedCosine }) => {
    const lowest = Math.min(sampleCosine?.mean ?? 1, trainedCosine ?? 1);
    return lowest < 0 ? [`${projection} (cosine ${lowest.toFixed(3)})`] : [];
  });
  const parts = [verdict.finding, ...asTrained(evidence)];
  if (backwards.length > 0) parts.push(`points backwards on ${backwards.join(", ")}`);
  const { passed: claimKept } = verdict;
  return { passed: claimKept && backwards.length === 0, claimKept, finding: parts.join("; ") };
}

/** What its floor under slopes changes, in words. */
function asTrained({ floor, projections }: Evidence): string[] {
  if (floor === null || floor.cappedJumps === 0) return [];
  const cosines = projections.flatMap(({ trainedCosine }) => (trainedCosine === null ? [] : [trainedCosine]));
  const change =
    floor.change === null ? "" : `, which changes the gradient by ${(100 * floor.change).toFixed(1)} %`;
  const least =
    cosines.length === 0 ? "" : ` (cosine at least ${Math.min(...cosines).toFixed(3)} on each projection)`;
  return [`its slopeFloor caps ${floor.cappedJumps} of ${floor.jumps} jumps${change}${least}`];
}

/** Whether a claim is kept, and what was found. */
type Judgment = Omit<Verdict, "claimKept">;

function judgeClaim(evidence: Evidence): Judgment {
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

/** Forwards as a whole. */
function direction({ projections, sampleCosine }: Evidence): Judgment {
  if (sampleCosine === null)
    return { passed: false, finding: "nothing was checked: the exact gradient is zero in all samples" };
  const shown = projections.flatMap(({ projection, sampleCosine: own }) =>
    own === null ? [] : [`${own.mean.toFixed(3)} +- ${own.error.toFixed(3)} on ${projection}`],
  );
  return {
    passed: sampleCosine.mean > 0,
    finding: `mean cosine with the exact gradient ${sampleCosine.mean.toFixed(3)}: ${shown.join(", ")}`,
  };
}

function exactness(projections: Evidence["projections"]): Judgment {
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

function consistency(order: OrderOfConvergence | undefined): Judgment {
  if (order === undefined) return { passed: false, finding: "nothing was checked: it has no grid to refine" };
  const { slope } = order;
  if (slope === null) return { passed: false, finding: "nothing was checked: the exact gradient is zero" };
  const [lowest, highest] = FIRST_ORDER;
  const passed = slope >= lowest && slope <= highest;
  return { passed, finding: `error falls with dt to the power ${slope.toFixed(2)}` };
}
