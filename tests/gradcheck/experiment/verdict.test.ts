import { describe, expect, it } from "vitest";
import { type Evidence, judge } from "../../../src/gradcheck/experiment/verdict.ts";

type Projection = Evidence["projections"][number];

/** A projection of which everything was compared and found right. */
function right(change: Partial<Projection> = {}): Projection {
  return {
    projection: "a>b",
    relativeError: 1e-9,
    cosine: 1,
    bias: 0,
    largestError: 1e-9,
    checked: 40,
    nonzero: 30,
    outside: 0,
    unresolved: 0,
    wrong: 0,
    sampleCosine: { mean: 0.2, error: 0.05 },
    trainedCosine: 0.9,
    ...change,
  };
}

function evidence(change: Partial<Evidence>): Evidence {
  return {
    claim: "exact",
    projections: [right()],
    sampleCosine: { mean: 0.2, error: 0.05 },
    order: undefined,
    floor: null,
    ...change,
  };
}

const order = (slope: number | null): Evidence["order"] => ({ grids: [], slope });

describe("the verdict on an exact estimator", () => {
  it("is a pass when every difference is met, and a miss when one is not", () => {
    expect(judge(evidence({}))).toEqual({
      passed: true,
      claimKept: true,
      finding: "all 40 differences are met",
    });
    const { passed, finding } = judge(evidence({ projections: [right(), right({ wrong: 1 })] }));
    expect([passed, finding]).toEqual([false, "1 of 80 differences are not met"]);
  });

  it.each([
    ["no pair was compared", [right({ checked: 0, nonzero: 0 })]],
    ["all derivatives are zero", [right({ nonzero: 0 })]],
    ["no difference is known well enough", [right({ unresolved: 40 })]],
    ["one projection was not judged", [right(), right({ unresolved: 40 })]],
  ])("is never a pass when %s", (_, projections) => {
    const { passed, finding } = judge(evidence({ projections }));
    expect(passed).toBe(false);
    expect(finding).toMatch(/^nothing was checked/);
  });

  it("says which projection had only zeros", () => {
    const projections = [right(), right({ projection: "b>c", nonzero: 0 })];
    expect(judge(evidence({ projections })).finding).toBe(
      "all 80 differences are met; those of b>c are all zero",
    );
  });
});

describe("the verdict on a consistent estimator", () => {
  it.each([
    [1, true],
    [0.75, true],
    [0.5, false],
    [2, false],
    [-1, false],
    [null, false],
  ])("with an error that falls as dt to the power %d: %s", (slope, passed) => {
    expect(judge(evidence({ claim: "consistent", order: order(slope) })).passed).toBe(passed);
  });

  it("is a miss without grids", () => {
    expect(judge(evidence({ claim: "consistent" })).passed).toBe(false);
  });
});

describe("the verdict on a heuristic", () => {
  const heuristic = (mean: number | null, ...own: readonly number[]) =>
    judge(
      evidence({
        claim: "heuristic",
        sampleCosine: mean === null ? null : { mean, error: 0.05 },
        projections: own.map((one) => right({ sampleCosine: { mean: one, error: 0.05 } })),
      }),
    ).passed;

  it("asks for a positive mean cosine, and for no projection that points backwards", () => {
    expect(heuristic(0.2, 0.1, 0.3)).toBe(true);
    expect(heuristic(0.2, -0.05, 0.3)).toBe(false);
    expect(heuristic(0.2, -0.2, 0.3)).toBe(false);
    expect(heuristic(-0.1, 0.1)).toBe(false);
    expect(heuristic(null)).toBe(false);
  });
});

describe("the verdict on an estimator as it trains", () => {
  it.each(["exact", "heuristic"] as const)(
    "is a miss where an %s one points backwards on a projection",
    (claim) => {
      const projections = [right(), right({ projection: "input>slow", trainedCosine: -0.216 })];
      const { passed, finding } = judge(evidence({ claim, projections }));
      expect(passed).toBe(false);
      expect(finding).toMatch(/; points backwards on input>slow \(cosine -0\.216\)$/);
    },
  );

  it("says what the floor under slopes changes", () => {
    const floor = { cappedJumps: 12, jumps: 340, change: 0.437 };
    const projections = [right({ trainedCosine: 0.93 }), right({ trainedCosine: 0.88 })];
    expect(judge(evidence({ floor, projections }))).toEqual({
      passed: true,
      claimKept: true,
      finding:
        "all 80 differences are met; its slopeFloor caps 12 of 340 jumps, which changes the gradient by 43.7 % " +
        "(cosine at least 0.880 on each projection)",
    });
  });
});
