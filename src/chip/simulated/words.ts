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
    const staged = (bytes: SynapseBytes, given: Uint8Array | undefined): boolean =>
      given === undefined || (given.length === SYNAPSES && bytes.stage(given));
    // The full check names what is wrong.
    if (!staged(weight, synapses.weight) || !staged(label, synapses.label)) checkConfig({ synapses });
    return { weights: weight.commit(), labels: synapses.label !== undefined && label.commit() };
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

/**
 * One byte of every synapse, 0 … 63, as last written. Weights are rewritten as a whole before every batch, but most
 * synapses are not in use: stretches of rows that stay as they are are neither checked nor copied.
 */
interface SynapseBytes {
  /** Compares and checks; false when a byte is out of range. Nothing is changed yet. */
  stage(given: Uint8Array): boolean;
  /** Takes what was staged last; returns whether anything changed. */
  commit(): boolean;
}

/** 16 rows. */
const STRETCH = 4096;

/** `bytes` is written by `commit`; it holds valid bytes and starts its buffer. */
function synapseBytes(bytes: Uint8Array): SynapseBytes {
  const own = Buffer.from(bytes.buffer);
  const next = Buffer.from(new ArrayBuffer(SYNAPSES));
  const quads = new Uint32Array(next.buffer);
  const changed = new Int32Array(SYNAPSES / STRETCH);
  let changes = 0;
  return {
    stage(given) {
      changes = 0;
      for (let from = 0; from < SYNAPSES; from += STRETCH) {
        const to = from + STRETCH;
        if (own.compare(given, from, to, from, to) === 0) continue;
        next.set(given.subarray(from, to), from);
        if (!sixBits(quads, from / 4, to / 4)) return false;
        changed[changes++] = from;
      }
      return true;
    },
    commit() {
      for (let i = 0; i < changes; i++) {
        const from = changed[i]!;
        next.copy(own, from, from, from + STRETCH);
      }
      return changes > 0;
    },
  };
}

/** Whether all bytes of the quads from … to − 1 are at most 63, four quads at a time. */
function sixBits(quads: Uint32Array, from: number, to: number): boolean {
  let bits = 0;
  for (let i = from; i < to; i += 4) {
    bits |= quads[i]! | quads[i + 1]! | quads[i + 2]! | quads[i + 3]!;
  }
  return (bits & 0xc0c0c0c0) === 0;
}
