/**
 * Word tables of a chip: which words exist, their ranges, checking and copying. Chips and readers of files check
 * the words that they are given here; values of an uncalibrated chip are in default-config.ts.
 */

import { UserError } from "../core/errors.ts";
import { hasRightNeighbor } from "./couplings.ts";
import {
  CADC_CHANNELS,
  CAPACITANCE_MAX,
  CAPMEM_MAX,
  CROSSBAR_BACKGROUND_INPUT,
  CROSSBAR_INPUTS,
  CROSSBAR_L2_INPUT,
  CROSSBAR_L2_OUTPUT,
  CROSSBAR_OUTPUTS,
  DRIVERS,
  HEMISPHERES,
  HOLD_OFF_MAX,
  NEURONS,
  PADI_BUSES,
  QUADRANTS,
  REFRACTORY_CLOCKS,
  REFRACTORY_COUNTER_MAX,
  ROW_SELECT_MAX,
  ROWS,
  STP_OFFSET_MAX,
  SYNAPSE_LABEL_MAX,
  WEIGHT_MAX,
} from "./limits.ts";
import {
  type ChipConfig,
  type ConfigChange,
  type NeuronWords,
  type QuadrantWords,
  ROW_BOTH,
  type RoutingWords,
  type SynapsesChange,
} from "./types.ts";

/** Largest value of each neuron word; the smallest is 0. */
export const NEURON_WORD_MAX: Readonly<Record<keyof NeuronWords, number>> = {
  leak: CAPMEM_MAX,
  reset: CAPMEM_MAX,
  threshold: CAPMEM_MAX,
  leakBias: CAPMEM_MAX,
  resetBias: CAPMEM_MAX,
  synExcTau: CAPMEM_MAX,
  synInhTau: CAPMEM_MAX,
  synExcGm: CAPMEM_MAX,
  synInhGm: CAPMEM_MAX,
  synExcShift: CAPMEM_MAX,
  synInhShift: CAPMEM_MAX,
  offsetCurrent: CAPMEM_MAX,
  expThreshold: CAPMEM_MAX,
  expBias: CAPMEM_MAX,
  adaptLeak: CAPMEM_MAX,
  adaptReference: CAPMEM_MAX,
  adaptTau: CAPMEM_MAX,
  adaptA: CAPMEM_MAX,
  adaptB: CAPMEM_MAX,
  capacitance: CAPACITANCE_MAX,
  refractoryCounter: REFRACTORY_COUNTER_MAX,
  refractoryClock: REFRACTORY_CLOCKS - 1,
  holdOff: HOLD_OFF_MAX,
  address: 255,
  thresholdOn: 1,
  eventsOn: 1,
  synExcOn: 1,
  synInhOn: 1,
  offsetCurrentOn: 1,
  leakDivide: 1,
  leakMultiply: 1,
  synExcHighResistance: 1,
  synInhHighResistance: 1,
  exponentialOn: 1,
  adaptationOn: 1,
};

export const NEURON_WORD_NAMES = Object.keys(NEURON_WORD_MAX) as readonly (keyof NeuronWords)[];

const QUADRANT_WORD_NAMES: readonly (keyof QuadrantWords)[] = [
  "synapseDacBias",
  "cadcRampOffset",
  "cadcRampSlope",
];

/** Length and largest value of each routing word. */
const ROUTING_WORDS: Readonly<Record<keyof RoutingWords, readonly [length: number, max: number]>> = {
  rowMode: [HEMISPHERES * ROWS, ROW_BOTH],
  driverMask: [HEMISPHERES * DRIVERS, ROW_SELECT_MAX],
  driverStp: [HEMISPHERES * DRIVERS, 1],
  driverOffset: [HEMISPHERES * DRIVERS, STP_OFFSET_MAX],
  nodeOn: [CROSSBAR_INPUTS * CROSSBAR_OUTPUTS, 1],
  nodeMask: [CROSSBAR_INPUTS * CROSSBAR_OUTPUTS, 0x3fff],
  nodeTarget: [CROSSBAR_INPUTS * CROSSBAR_OUTPUTS, 0x3fff],
};

export const ROUTING_WORD_NAMES = Object.keys(ROUTING_WORDS) as readonly (keyof RoutingWords)[];

export const SYNAPSES = HEMISPHERES * ROWS * (NEURONS / HEMISPHERES);

type Words = ArrayLike<number>;

/**
 * Whether the crossbar has a node at all (76 of 240; halco: src/routing_crossbar.cpp): neuron output i reaches the PADI
 * buses and the link to the FPGA i mod 4; link k from the FPGA reaches all buses and link k to the FPGA; background
 * source k reaches bus k (0–3 top, 4–7 bottom) and link k mod 4 to the FPGA.
 */
export function crossbarNodeExists(input: number, output: number): boolean {
  if (input < CROSSBAR_L2_INPUT) return output % PADI_BUSES === input % PADI_BUSES;
  if (input < CROSSBAR_BACKGROUND_INPUT) {
    return output < CROSSBAR_L2_OUTPUT || output - CROSSBAR_L2_OUTPUT === input - CROSSBAR_L2_INPUT;
  }
  const source = input - CROSSBAR_BACKGROUND_INPUT;
  return output === source || output === CROSSBAR_L2_OUTPUT + (source % PADI_BUSES);
}

/** Throws UserError("chip") on a section of the wrong length or a word out of range, naming word, index, range. */
export function checkConfig(change: ConfigChange): void {
  const { neurons, quadrants, cadcOffset, synapses, routing, refractoryClocks, couplings } = change;
  if (neurons !== undefined) checkNeurons(neurons);
  if (quadrants !== undefined) {
    for (const name of QUADRANT_WORD_NAMES) checkWords(name, quadrants[name], QUADRANTS, 0, CAPMEM_MAX);
  }
  if (cadcOffset !== undefined) checkWords("cadcOffset", cadcOffset, CADC_CHANNELS, -128, 127);
  if (synapses !== undefined) checkSynapses(synapses);
  if (routing !== undefined) checkRouting(routing);
  if (refractoryClocks !== undefined) {
    checkWords("refractoryClocks", refractoryClocks, REFRACTORY_CLOCKS, 0, 15);
  }
  if (couplings !== undefined) checkSwitches(couplings);
}

function checkSwitches(couplings: Uint8Array): void {
  checkWords("couplings", couplings, NEURONS, 0, 1);
  couplings.forEach((on, circuit) => {
    if (on === 0 || hasRightNeighbor(circuit)) return;
    throw new UserError("chip", `couplings[${circuit}] is 1, but the circuit is the last of its quadrant`);
  });
}

function checkNeurons(neurons: NeuronWords): void {
  for (const name of NEURON_WORD_NAMES) checkWords(name, neurons[name], NEURONS, 0, NEURON_WORD_MAX[name]);
  for (let neuron = 0; neuron < NEURONS; neuron++) {
    if (neurons.leakDivide[neuron] === 1 && neurons.leakMultiply[neuron] === 1) {
      throw new UserError("chip", `neuron ${neuron}: leakDivide and leakMultiply are both on`);
    }
  }
}

function checkSynapses({ weight, label }: SynapsesChange): void {
  checkWords("weight", weight, SYNAPSES, 0, WEIGHT_MAX);
  if (label !== undefined) checkWords("label", label, SYNAPSES, 0, SYNAPSE_LABEL_MAX);
}

function checkRouting(routing: RoutingWords): void {
  for (const name of ROUTING_WORD_NAMES) {
    const [length, max] = ROUTING_WORDS[name];
    checkWords(name, routing[name], length, 0, max);
  }
  for (let input = 0; input < CROSSBAR_INPUTS; input++) {
    for (let output = 0; output < CROSSBAR_OUTPUTS; output++) {
      if (routing.nodeOn[input * CROSSBAR_OUTPUTS + output] === 1 && !crossbarNodeExists(input, output)) {
        throw new UserError(
          "chip",
          `nodeOn: the crossbar has no node from input ${input} to output ${output}`,
        );
      }
    }
  }
}

function checkWords(name: string, words: Words, length: number, min: number, max: number): void {
  if (words.length !== length) {
    throw new UserError("chip", `${name}: ${words.length} words, expected ${length}`);
  }
  for (let i = 0; i < length; i++) {
    const word = words[i]!;
    if (!(word >= min && word <= max)) {
      throw new UserError("chip", `${name}[${i}] is ${word}, must be ${min} … ${max}`);
    }
  }
}

/** A deep copy of one record of word arrays, e.g. NeuronWords. */
export function copyWords<Record extends object>(words: Record): Record {
  return Object.fromEntries(
    Object.entries(words).map(([name, array]) => [name, (array as Uint16Array).slice()]),
  ) as Record;
}

/** A deep copy of the given sections. */
export function copyConfig<Sections extends Partial<ChipConfig>>(config: Sections): Sections {
  const copy: Record<string, unknown> = {};
  for (const [section, value] of Object.entries(config)) {
    if (value instanceof Int8Array || value instanceof Uint8Array) copy[section] = value.slice();
    else if (value !== undefined) copy[section] = copyWords(value as object);
  }
  return copy as Sections;
}
