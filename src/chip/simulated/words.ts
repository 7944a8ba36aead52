/**
 * The words that were last written to a simulated chip. Copies what it is given; says what changed, because a
 * training run rewrites all weights before every batch and nothing else.
 */

import { checkConfig, copyConfig, NEURON_WORD_NAMES, ROUTING_WORD_NAMES, SYNAPSES } from "../config.ts";
import { checkCouplings } from "../couplings.ts";
import { defaultConfig } from "../default-config.ts";
import type {
  ConfigChange,
  NeuronWords,
  QuadrantWords,
  RoutingWords,
  SynapsesChange,
  SynapseWords,
} from "../types.ts";
import { type SynapseBytes, synapseBytes } from "./synapse-bytes.ts";

/** What a write touched. */
export interface Changes {
  /** Neurons, quadrants, the refractory clocks or which membranes are connected. */
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
  readonly refractoryClocks: Uint8Array;
  readonly couplings: Uint8Array;
  /** Takes the given sections whole; throws UserError("chip") and changes nothing when a word is out of range. */
  write(change: ConfigChange): Changes;
}

export function createWordStore(): WordStore {
  const words = copyConfig(defaultConfig());
  const weight = synapseBytes(words.synapses.weight);
  const label = synapseBytes(words.synapses.label);

  const writeSynapses = (synapses: SynapsesChange): typeof UNCHANGED => {
    const accepts = (bytes: SynapseBytes, given: Uint8Array | undefined): boolean =>
      given === undefined || (given.length === SYNAPSES && bytes.accepts(given));
    // The full check names what is wrong.
    if (!accepts(weight, synapses.weight) || !accepts(label, synapses.label)) checkConfig({ synapses });
    return { weights: weight.take(), labels: synapses.label !== undefined && label.take() };
  };

  return {
    neurons: words.neurons,
    quadrants: words.quadrants,
    cadcOffset: words.cadcOffset,
    routing: words.routing,
    synapses: words.synapses,
    refractoryClocks: words.refractoryClocks,
    couplings: words.couplings,
    write(change) {
      const { synapses, ...others } = change;
      checkConfig(others);
      const { neurons, quadrants, cadcOffset, routing, refractoryClocks, couplings } = others;
      checkCouplings(couplings ?? words.couplings, neurons ?? words.neurons);
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
      if (refractoryClocks !== undefined) words.refractoryClocks.set(refractoryClocks);
      const joined = couplings !== undefined && !sameValues(couplings, words.couplings);
      if (joined) words.couplings.set(couplings);
      return {
        neurons: neurons !== undefined || quadrants !== undefined || refractoryClocks !== undefined || joined,
        converters: cadcOffset !== undefined || quadrants !== undefined,
        routing: routing !== undefined || changed.labels || eventsChanged || joined,
        weights: changed.weights,
      };
    },
  };
}

function sameValues(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < b.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
