/**
 * The words that were last written to a simulated chip. Copies what it is given; says what changed, because a
 * training run rewrites all weights before every batch and nothing else.
 */

import { checkConfig, copyConfig, NEURON_WORD_NAMES, ROUTING_WORD_NAMES, SYNAPSES } from "../config.ts";
import { defaultConfig } from "../default-config.ts";
import type { ChipConfig, NeuronWords, QuadrantWords, RoutingWords, SynapseWords } from "../types.ts";

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
  let weight = words.synapses.weight as Uint8Array<ArrayBuffer>;
  let spare = new Uint8Array(SYNAPSES);
  let label = words.synapses.label as Uint8Array<ArrayBuffer>;
  let spareLabel = new Uint8Array(SYNAPSES);
  let scale = words.refractoryClockScale;

  /** Copies synapses beside the valid ones and swaps; returns whether labels changed. */
  const writeSynapses = (given: SynapseWords): boolean => {
    if (given.weight.length !== SYNAPSES || given.label.length !== SYNAPSES) checkConfig({ synapses: given });
    spare.set(given.weight);
    const labelsChanged = Buffer.compare(given.label, label) !== 0;
    if (labelsChanged) spareLabel.set(given.label);
    if (!sixBits(spare) || (labelsChanged && !sixBits(spareLabel))) checkConfig({ synapses: given });
    [weight, spare] = [spare, weight];
    if (labelsChanged) [label, spareLabel] = [spareLabel, label];
    return labelsChanged;
  };

  return {
    neurons: words.neurons,
    quadrants: words.quadrants,
    cadcOffset: words.cadcOffset,
    routing: words.routing,
    get synapses() {
      return { weight, label };
    },
    get refractoryClockScale() {
      return scale;
    },
    write(change) {
      const { synapses, ...others } = change;
      checkConfig(others);
      const { neurons, quadrants, cadcOffset, routing, refractoryClockScale } = others;
      const labelsChanged = synapses !== undefined && writeSynapses(synapses);
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
        routing: routing !== undefined || labelsChanged || eventsChanged,
        weights: synapses !== undefined,
      };
    },
  };
}

/** Whether all bytes are at most 63, four at a time, four times per round. */
function sixBits(bytes: Uint8Array<ArrayBuffer>): boolean {
  const quads = new Uint32Array(bytes.buffer);
  let bits = 0;
  for (let i = 0; i < quads.length; i += 4) {
    bits |=
      (quads[i] as number) | (quads[i + 1] as number) | (quads[i + 2] as number) | (quads[i + 3] as number);
  }
  return (bits & 0xc0c0c0c0) === 0;
}

function sameValues(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < b.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
