/**
 * One reference case against this program: simulated exactly, judged, differentiated, and compared.
 *
 * Tolerances: the reference has 50 digits, so what is left is the rounding of double precision along the path
 * from input spikes to gradient. Times: 1e-9 µs. Gradient, relative to its largest entry:
 * 1e-9, and 1e-7 for a maximum over time, whose position is found to about the root of the precision.
 */

import { createEstimator } from "../../gradient/index.ts";
import type { GradientCounts } from "../../gradient/types.ts";
import { createLoss } from "../../loss/index.ts";
import { emptyCotangent, emptyLossValue } from "../../loss/types.ts";
import { createObservation, createSimulator } from "../../network/simulate.ts";
import { defaultEstimator } from "../estimator-defaults.ts";
import type { GradientCase } from "./case-file.ts";
import { caseNetwork } from "./case-network.ts";

export interface CaseResult {
  readonly name: string;
  readonly passed: boolean;
  readonly spikes: number;
  /** Largest distance of a spike time, µs; null when there is a neuron with another number of spikes. */
  readonly timeError: number | null;
  /** Distance of the loss, relative to the larger of 1 and its expected size. */
  readonly lossError: number;
  /** Largest distance of a stated gradient, relative to the largest of them. */
  readonly gradientError: number;
  /** Stated gradients. */
  readonly entries: number;
  readonly tolerance: { readonly time: number; readonly loss: number; readonly gradient: number };
  /** What is wrong, in words; empty when the case passed. */
  readonly complaints: readonly string[];
}

export function checkCase(one: GradientCase): CaseResult {
  const { network, weights, inputs, loss: config, label, caseNeuron, stated } = caseNetwork(one);
  const loss = createLoss(network, config);
  const estimator = createEstimator(network, defaultEstimator("eventprop"));
  const observation = createObservation(network);
  const record = network.populations.map(({ name }) => (name === loss.output ? loss.voltages : NOTHING));
  createSimulator(network).run(weights, inputs, record, observation);
  const cotangent = emptyCotangent();
  const value = emptyLossValue();
  loss.evaluate(observation, label, cotangent, value);
  const gradient = new Float64Array(network.weights);
  const counts: GradientCounts = { cappedJumps: 0, spikes: 0 };
  estimator.accumulate(observation, weights, cotangent, gradient, counts);

  const times: number[][] = one.neurons.map(() => []);
  for (let k = 0; k < observation.spikes.count; k++) {
    times[caseNeuron[observation.spikes.index[k]!]!]?.push(observation.spikes.time[k]!);
  }
  const largest = stated.reduce((most, { value: entry }) => Math.max(most, Math.abs(entry)), 0);
  const tolerance = {
    time: 1e-9,
    loss: 1e-9,
    gradient: config.kind === "max-over-time" ? 1e-7 : 1e-9,
  };
  const miscounted = one.expected.spikeTimes.flatMap((expected, neuron) =>
    times[neuron]?.length === expected.length
      ? []
      : [`neuron ${neuron} spikes ${times[neuron]?.length} times, ${expected.length} expected`],
  );
  const timeError =
    miscounted.length > 0
      ? null
      : Math.max(
          0,
          ...one.expected.spikeTimes.flatMap((expected, neuron) =>
            expected.map((time, k) => Math.abs(time - times[neuron]![k]!)),
          ),
        );
  const lossError = Math.abs(value.total - one.expected.loss) / Math.max(1, Math.abs(one.expected.loss));
  const worst = stated.reduce(
    (most, entry) => {
      const error = Math.abs(gradient[entry.weight]! - entry.value);
      // A gradient that is not a number is the worst there is.
      return error <= most.error || Number.isNaN(most.error) ? most : { error, entry };
    },
    { error: -1, entry: stated[0] },
  );
  const gradientError = stated.length === 0 ? 0 : worst.error / (largest > 0 ? largest : 1);
  const complaints = [
    ...miscounted,
    ...(stated.length === 0 || largest === 0
      ? ["the case states no gradient but zero: nothing was checked"]
      : []),
    ...exceeds("a spike time", timeError ?? 0, tolerance.time, " us"),
    ...exceeds("the loss", lossError, tolerance.loss, ""),
    ...exceeds(
      `the gradient of source ${worst.entry?.source} to neuron ${worst.entry?.neuron}`,
      gradientError,
      tolerance.gradient,
      " of the largest entry",
    ),
    ...(counts.cappedJumps > 0 ? [`${counts.cappedJumps} jumps were capped`] : []),
  ];
  return {
    name: one.name,
    passed: complaints.length === 0,
    spikes: observation.spikes.count,
    timeError,
    lossError,
    gradientError,
    entries: stated.length,
    tolerance,
    complaints,
  };
}

const NOTHING = { kind: "none" } as const;

/** Also for errors that are not numbers. */
function exceeds(what: string, error: number, tolerance: number, unit: string): string[] {
  return error <= tolerance ? [] : [`${what} is off by ${error.toExponential(2)}${unit}`];
}
