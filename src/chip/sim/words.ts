/**
 * The words that were last written to a simulated chip. Copies what it is given; says what changed, because a
 * training run rewrites all weights before every batch and nothing else.
 */

import { checkConfig, copyConfig, NEURON_WORD_NAMES, ROUTING_WORD_NAMES, SYNAPSES } from "../config.ts";
import { defaultConfig } from "../default-config.ts";
import type { ChipConfig, NeuronWords, QuadrantWords, RoutingWords, SynapseWords } from "../types.ts";
import { synapseBytes } from "./synapse-bytes.ts";

/** What a write touched. */
export interface Changes {
  /** Neurons, quadrants or the refractory clock. */
  readonly neurons: boolean;
  readonly converters: boolean;
  /** Routing, labels of synapses, or which neurons send which events. */
  readonly routing: boolean;
  readonly weights: boolean;
}

/** Words that decide which events a neuron sends. */
const EVENT_WORDS = ["thresholdOn", "eventsOn", "address"] as const satisfies readonly (keyof NeuronWords)[];

const UNCHANGED = { weights: false, labels: false };

export interface WordStore {
  readonly neurons: NeuronWords;
  readonly quadrants: QuadrantWords;
  readonly cadcOffset: Int8Array;
  readonly synapses: SynapseWords;
  readonly routing: RoutingWords;
  readonly refractoryClockScale: number;
  /** Takes the given sections whole; throws UserError("chip") and changes nothing when a word is out of range. */
  write(change: Partial<ChipConfig>): Changes;
}

export function createWordStore(): WordStore {
  const words = copyConfig(defaultConfig());
  const weight = synapseBytes(words.synapses.weight);
  const label = synapseBytes(words.synapses.label);
  let scale = words.refractoryClockScale;

  const writeSynapses = (given: SynapseWords): { readonly weights: boolean; readonly labels: boolean } => {
    if (given.weight.length !== SYNAPSES || given.label.length !== SYNAPSES) checkConfig({ synapses: given });
    if (!weight.accepts(given.weight) || !label.accepts(given.label)) checkConfig({ synapses: given });
    return { weights: weight.take(), labels: label.take() };
  };

  return {
    neurons: words.neurons,
    quadrants: words.quadrants,
    cadcOffset: words.cadcOffset,
    routing: words.routing,
    synapses: words.synapses,
    get refractoryClockScale() {
      return scale;
    },
    write(change) {
      const { synapses, ...others } = change;
      checkConfig(others);
      const { neurons, quadrants, cadcOffset, routing, refractoryClockScale } = others;
      const changed = synapses === undefined ? UNCHANGED : writeSynapses(synapses);
      let eventsChanged = false;
      if (neurons !== undefined) {
        eventsChanged = EVENT_WORDS.some((name) => !sameValues(neurons[name], words.neurons[name]));
        for (const name of NEURON_WORD_NAMES) words.neurons[name].set(neurons[name]);
      }
      if (routing !== undefined) {
        for (const name of ROUTING_WORD_NAMES) words.routing[name].set(routing[name]);
      }
      if (quadrants !== undefined) {
        words.quadrants.synapseDacBias.set(quadrants.synapseDacBias);
        words.quadrants.cadcRampOffset.set(quadrants.cadcRampOffset);
        words.quadrants.cadcRampSlope.set(quadrants.cadcRampSlope);
      }
      if (cadcOffset !== undefined) words.cadcOffset.set(cadcOffset);
      if (refractoryClockScale !== undefined) scale = refractoryClockScale;
      return {
        neurons: neurons !== undefined || quadrants !== undefined || refractoryClockScale !== undefined,
        converters: cadcOffset !== undefined || quadrants !== undefined,
        routing: routing !== undefined || changed.labels || eventsChanged,
        weights: changed.weights,
      };
    },
  };
}

function sameValues(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < b.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
