/**
 * The neurons of a population as the solvers of the general family need them (src/neuron/adaptive.ts), with constants
 * that may be learned, and their motion by whichever solver fits.
 */

import {
  type AdaptiveNeuron,
  adaptiveNeuron,
  E,
  I,
  membraneSlope,
  moveHeld,
  STATE,
  V,
} from "../neuron/adaptive.ts";
import { firstCrossing, potential } from "../neuron/closed-form.ts";
import { EXTRA_NAMES } from "../neuron/constants.ts";
import { firstLinearCrossing } from "../neuron/linear-crossing.ts";
import { moveLinear } from "../neuron/linear-flow.ts";
import { moveNonlinear, type StepRecord } from "../neuron/runge-kutta.ts";
import type { Stage } from "./graph.ts";
import type { Network, Population } from "./network.ts";
import type { Neuron } from "./neuron.ts";
import type { ParameterSegment, ParameterValues } from "./parameters.ts";

export interface NetworkNeuron {
  /** Index over all populations. */
  readonly index: number;
  /** Replaced when learned constants change. */
  neuron: AdaptiveNeuron;
  /** The same neuron for the closed forms, where it is LIF. */
  lif: Neuron | undefined;
}

function networkNeuron(index: number, neuron: AdaptiveNeuron): NetworkNeuron {
  const { membrane, reset, refractory, intrinsic, adapts, movesThreshold } = neuron;
  const isLif = intrinsic === undefined && !adapts && !movesThreshold;
  return { index, neuron, lif: isLif ? { index, membrane, reset, refractory } : undefined };
}

export interface AdaptiveNeurons {
  readonly neurons: readonly NetworkNeuron[];
  /** Segments of constants of the population that are learned. */
  readonly learned: readonly ParameterSegment[];
  /** Takes the constants that are learned from their values. */
  refresh(values: ParameterValues): void;
}

/** Whether a stage is one of the closed forms: LIF and LI, no delays, no learned constants. */
export function isClosedForm({ segments, projections }: Network, { populations }: Stage): boolean {
  return populations.every(
    ({ name, model, start }) =>
      model.closedForm &&
      !projections.some(({ to, delay }) => to === name && delay !== undefined) &&
      !segments.some(({ constant }) => constant?.start === start),
  );
}

/**
 * Why a network is not one of LIF and LI alone, in words; undefined when it is.
 * @param adaptive ALIF, and what else is linear, may be there too
 */
export function beyondClosedForm(network: Network, adaptive = false): string | undefined {
  const { populations, projections, segments } = network;
  const other = populations.find(({ model }) =>
    adaptive ? model.intrinsic !== undefined : !model.closedForm,
  );
  if (other !== undefined) return `${other.name} is ${other.model.kind}`;
  const delayed = projections.find(({ delay }) => delay !== undefined);
  if (delayed !== undefined) return `${delayed.name} has delays`;
  const learned = segments.find(({ constant }) => constant !== undefined);
  return learned === undefined ? undefined : `${learned.name} is learned`;
}

export function createAdaptiveNeurons(network: Network, population: Population): AdaptiveNeurons {
  const { model, start, size } = population;
  const learned = network.segments.filter(({ constant }) => constant?.start === start);
  const nominal = (index: number): Record<string, number> =>
    Object.fromEntries([
      ...Object.entries(network.constants).map(([name, values]) => [name, (values as Float64Array)[index]!]),
      ...EXTRA_NAMES.map((name) => [name, network.extra[name][index]!]),
    ]);
  const make = (constants: Record<string, number>): AdaptiveNeuron =>
    adaptiveNeuron(constants as unknown as AdaptiveNeuron, model.intrinsic);
  const neurons: NetworkNeuron[] = Array.from({ length: size }, (_, column) =>
    networkNeuron(start + column, make(nominal(start + column))),
  );
  return {
    neurons,
    learned,
    refresh({ value }) {
      if (learned.length === 0) return;
      neurons.forEach((each, column) => {
        const constants = nominal(each.index);
        for (const { constant, offset, length } of learned) {
          const name = constant?.name as string;
          const now = value[length === 1 ? offset : offset + column]!;
          if (name === "tauSyn") constants["tauSynExc"] = constants["tauSynInh"] = now;
          else constants[name] = now;
        }
        Object.assign(each, networkNeuron(each.index, make(constants)));
      });
    },
  };
}

const single = new Float64Array(3);

/** Moves a free neuron by `s`, or with `stop` to its first spike within it; returns the time of that spike or Infinity. */
export function moveFree(
  neuron: AdaptiveNeuron,
  x: Float64Array,
  s: number,
  stop: boolean,
  record?: StepRecord,
): number {
  if (neuron.intrinsic !== undefined) return moveNonlinear(neuron, x, s, stop, record);
  if (!stop || neuron.threshold === Number.POSITIVE_INFINITY) {
    moveLinear(neuron, x, s);
    return Number.POSITIVE_INFINITY;
  }
  if (neuron.adapts || neuron.movesThreshold) return firstLinearCrossing(neuron, x, s);
  const { membrane } = neuron;
  single[0] = x[V]!;
  single[1] = membrane.oneCurrent ? x[E]! + x[I]! : x[E]!;
  single[2] = membrane.oneCurrent ? 0 : x[I]!;
  const end = potential(membrane, single[0]!, single[1]!, single[2]!, s);
  const crossing = firstCrossing(membrane, single, s, end);
  moveLinear(neuron, x, crossing === Number.POSITIVE_INFINITY ? s : crossing);
  if (crossing !== Number.POSITIVE_INFINITY) x[V] = neuron.threshold;
  return crossing;
}

/** V̇ just before the neuron spikes: at its threshold where the model is linear, at its own state otherwise. */
export function slopeAtSpike(neuron: AdaptiveNeuron, x: Float64Array): number {
  if (neuron.intrinsic !== undefined) return membraneSlope(neuron, x);
  const v = x[V]!;
  x[V] = neuron.threshold + x[STATE - 1]!;
  const slope = membraneSlope(neuron, x);
  x[V] = v;
  return slope;
}

export { moveHeld, STATE };
