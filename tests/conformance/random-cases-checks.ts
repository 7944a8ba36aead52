/** What holds for every random case: the same result in all layouts, and the gradient of central differences. */

import { silent } from "../../src/core/progress.ts";
import { compareProjection } from "../../src/gradcheck/experiment/agreement.ts";
import { estimatedGradients } from "../../src/gradcheck/experiment/estimators-under-test.ts";
import { finiteDifferences } from "../../src/gradcheck/experiment/finite-differences.ts";
import { drawParameters, partsOf } from "../../src/gradcheck/experiment/gradient-problem.ts";
import type { GradientCase } from "../../src/gradcheck/reference/case-file.ts";
import { caseNetwork } from "../../src/gradcheck/reference/case-network.ts";
import { checkCase, solvedCase } from "../../src/gradcheck/reference/check-case.ts";
import { createEstimator } from "../../src/gradient/index.ts";
import { createLoss } from "../../src/loss/index.ts";

/**
 * What is different when neurons are in populations of their own, in layers, and in one recurrent stage.
 *
 * A stage carries its membranes from event to event, and each step rounds. n roundings add up like a random walk, so
 * where a difference is too large, thresholds and inputs may be off by √n units in the last place, n the number of spikes.
 * This matters for networks without refractory time alone, whose neurons spike ten thousand times and more: between
 * spikes that follow within 2 ns, a membrane rises so steeply that 1e-13 us are 1e-10 of a threshold.
 */
export function layoutComplaints(one: GradientCase): string[] {
  // A network whose weights all happen to be 0 has nothing to compare.
  if (!one.plastic.flat().includes(true)) return [];
  const solved = solvedCase(one, "apart");
  const spikes = solved.expected.spikeTimes.reduce((sum, times) => sum + times.length, 0);
  const ulps = Math.max(1, Math.ceil(Math.sqrt(spikes)));
  return (["layered", "recurrent"] as const).flatMap((layout) =>
    checkCase(solved, layout, ulps).complaints.map((text) => `${one.name}, ${layout}: ${text}`),
  );
}

export interface DifferenceCounts {
  /** Differences that the gradient was compared with, those among them that it misses, and those skipped. */
  readonly judged: number;
  readonly wrong: number;
  readonly skipped: number;
}

/** The gradient against central differences of some weights of each projection, in the right order of events. */
export async function differenceCounts(one: GradientCase, perProjection: number): Promise<DifferenceCounts> {
  const { network, weights, inputs, loss: config, label } = caseNetwork(one, "layered");
  const problem = {
    network,
    weights,
    loss: createLoss(network, config),
    labels: Uint8Array.of(label),
    inputs: {
      samples: 1,
      offset: Int32Array.of(0, inputs.to),
      time: inputs.time,
      source: inputs.source,
      id: Int32Array.of(0),
    },
  };
  const drawn = partsOf(network).map((part) => drawParameters(part, perProjection, 1));
  const differences = finiteDifferences(problem, drawn, silent);
  const estimator = createEstimator(network, { kind: "eventprop", slopeFloor: 0 });
  const estimated = await estimatedGradients(problem, estimator);
  const compared = differences.map((each) => compareProjection(each, estimated, network.parameters));
  return {
    judged: compared.reduce((sum, { checked, unresolved }) => sum + checked - unresolved, 0),
    wrong: compared.reduce((sum, { wrong }) => sum + wrong, 0),
    skipped: differences.reduce((sum, { skipped }) => sum + skipped.spikes + skipped.order + skipped.sign, 0),
  };
}
