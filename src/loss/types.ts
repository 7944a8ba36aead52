/** The seam of losses: a loss turns an observation into a value and a cotangent. Pure mathematics; no chip, no file, no clock. */

import type { Static, TObject, TProperties } from "@sinclair/typebox";
import type { Member } from "../core/table.ts";
import type { Network } from "../network/network.ts";
import type { Observation, RecordingRequest } from "../network/observation.ts";

/** ∂L/∂(what was observed), aligned entry by entry with the observation. */
export interface Cotangent {
  /** ∂L/∂t of each entry of `observation.spikes`; at least as long, zero where nothing depends. */
  spike: Float64Array;
  /** ∂L/∂V of each entry of `observation.voltages`. */
  voltage: Float64Array;
}

/** A cotangent for a first sample with up to `capacity` spikes and samples; `Loss.evaluate` makes it longer. */
export function emptyCotangent(capacity = 256): Cotangent {
  return { spike: new Float64Array(capacity), voltage: new Float64Array(capacity) };
}

/** Value of a loss on one sample, by its parts. */
export interface LossValue {
  /** classification + regularization. */
  total: number;
  classification: number;
  regularization: number;
  /** Predicted class; −1 when the loss predicts none, no output answered, or several share the best score. */
  prediction: number;
  /** Output neurons that gave nothing to judge (no spike, no sample). */
  missingOutputs: number;
}

/** A value to be written by `Loss.evaluate`. */
export function emptyLossValue(): LossValue {
  return { total: 0, classification: 0, regularization: 0, prediction: -1, missingOutputs: 0 };
}

/** What a loss reads of one population. */
export interface Reading {
  /** The population. */
  readonly output: string;
  readonly voltages: RecordingRequest;
  readonly readsSpikes: boolean;
}

/** All that a loss reads, the population that it predicts from first. */
export function readingsOf(loss: Loss): readonly Reading[] {
  return loss.reads ?? [loss];
}

/** Samples of a population's membranes that a loss asks for; undefined where it does not read the population. */
export function voltagesOf(loss: Loss, population: string): RecordingRequest | undefined {
  return readingsOf(loss).find(({ output }) => output === population)?.voltages;
}

/** A loss made for one network. Implementations allocate at creation only. */
export interface Loss {
  /** Whether the loss reads spike times of the output population. */
  readonly readsSpikes: boolean;
  /** Samples wanted of the output population's membranes. */
  readonly voltages: RecordingRequest;
  /** The population that the loss reads. */
  readonly output: string;
  /** What it reads of each population where there are several; absent where `output` is the only one. */
  readonly reads?: readonly Reading[];
  /** The factor that the cotangent leaves out of the derivative of the value, by choice; absent when none is. */
  readonly omittedFactor?: string;
  /**
   * Score of each output neuron in the sample that `evaluate` saw last; larger is better, and the prediction is the
   * largest of the outputs that answered. Overwritten by the next sample; empty for losses that predict no class.
   */
  readonly scores: Float64Array;
  /** Classification when all scores are the same, as of a network that knows nothing; absent when it has no such value. */
  readonly ofEqualScores?: number;
  /**
   * Writes value and cotangent of one sample. `cotangent` arrays are grown when too short and overwritten
   * up to the observation's counts.
   */
  evaluate(observation: Observation, label: number, cotangent: Cotangent, value: LossValue): void;
}

/** What a loss asks of a sample in which one of its outputs did not spike. */
export interface MissingSpike {
  /** One sentence, without a full stop at its end. */
  readonly asks: string;
  /**
   * Whether the loss pushes spikes of the other outputs later because that one is missing: more than it would with
   * the best possible spike in the place of the missing one. Where it does, outputs can fall silent one after another.
   */
  readonly pushesOthersLater: boolean;
}

/** A loss as a member of the table. */
export interface LossMember<Kind extends string, Options extends TProperties>
  extends Member<Kind, Options, (network: Network, options: Static<TObject<Options>>) => Loss> {
  /** Whether the value depends on the label, so that the output population needs a neuron for each class. */
  readonly needsLabels: boolean;
  /** null for a loss that reads no spikes. */
  readonly missingSpike: MissingSpike | null;
}

/** Names a loss with its exact type. */
export function lossMember<const Kind extends string, Options extends TProperties>(
  definition: LossMember<Kind, Options>,
): LossMember<Kind, Options> {
  return definition;
}
