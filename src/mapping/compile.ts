/**
 * Network + placement + calibrations → the words of a chip. Everything but the synapse weights is fixed when
 * an experiment starts; `weightSites` says where the words of quantize.ts go, so that a batch touches only the
 * synapses in use.
 */

import type { Calibration } from "../calibration/types.ts";
import { columnOf, hemisphereOf, quadrantOf } from "../chip/coordinates.ts";
import {
  COLUMNS,
  CROSSBAR_INPUTS,
  CROSSBAR_OUTPUTS,
  DRIVERS,
  HEMISPHERES,
  NEURONS,
  QUADRANTS,
  ROWS,
  ROWS_PER_DRIVER,
  SYNAPSE_LABEL_MAX,
} from "../chip/limits.ts";
import { PARASITIC_CAPACITANCE } from "../chip/nominal.ts";
import {
  type ChipConfig,
  type NeuronWords,
  type QuadrantWords,
  ROW_EXCITATORY,
  ROW_INHIBITORY,
  type RoutingWords,
  type SynapseWords,
} from "../chip/types.ts";
import { UserError } from "../core/errors.ts";
import { INPUT, type Network } from "../network/network.ts";
import { type AdexWords, adexWords } from "./adex.ts";
import { type Calibrations, calibrationOf } from "./calibrations.ts";
import { extraOf, goalScale } from "./constants.ts";
import type { Placement } from "./placement.ts";
import { wordOffsets } from "./quantize.ts";

/** Indices of ChipConfig.refractoryClocks. */
const SLOW = 0;
const FAST = 1;

/**
 * Where each word of quantize.ts is written: index of the excitatory synapse in `SynapseWords.weight`; the
 * inhibitory one of the pair is one row, that is `COLUMNS` entries, further.
 */
export function weightSites(network: Network, { neuron, routing }: Placement): Int32Array {
  const offsets = wordOffsets(network);
  const sites = new Int32Array(offsets[network.projections.length]!);
  network.projections.forEach(({ sources, targets, targetStart, rows }, p) => {
    const route = routing.projections[p]!;
    let at = offsets[p]!;
    for (let source = 0; source < sources; source++) {
      for (let target = 0; target < targets; target++) {
        const circuit = neuron[targetStart + target]!;
        const hemisphere = hemisphereOf(circuit);
        for (let copy = 0; copy < rows; copy++) {
          const place = (source * HEMISPHERES + hemisphere) * rows + copy;
          const row = hemisphere * ROWS + route.driver[place]! * ROWS_PER_DRIVER;
          sites[at++] = row * COLUMNS + columnOf(circuit) + route.circuit[place]!;
        }
      }
    }
  });
  return sites;
}

/**
 * All words of a chip that emulates the network, weights zero.
 * @throws UserError("compatibility") when calibrations ask for different DAC biases of the same chip
 */
export function compileConfig(
  network: Network,
  placement: Placement,
  calibrations: Calibrations,
  sites: Int32Array,
): ChipConfig {
  const used = [...new Set(network.populations.map(({ name }) => calibrationOf(calibrations, name)))];
  const first = used[0] as Calibration;
  for (const { target } of used) {
    if (target.synapseDacBias === first.target.synapseDacBias) continue;
    throw new UserError(
      "compatibility",
      `The calibration targets ask for synapse DAC biases of ${first.target.synapseDacBias} and ${target.synapseDacBias}.`,
      { hint: "All neurons of a quadrant share one DAC bias; use the same synapseDacBias in every target." },
    );
  }
  const scales = used.map(({ words }) => words.refractoryClocks[FAST]!);
  const refractoryClocks = Uint8Array.of(Math.max(...scales), Math.min(...scales));
  return {
    neurons: neuronWords(network, placement, calibrations, first, refractoryClocks),
    quadrants: quadrantWords(network, placement, calibrations, first),
    cadcOffset: cadcOffsets(network, placement, calibrations, first),
    synapses: synapseWords(network, placement, sites),
    routing: routingWords(network, placement),
    refractoryClocks,
    couplings: couplingWords(placement),
  };
}

/** Switches between the circuits of each neuron. */
function couplingWords({ neuron, circuits }: Placement): Uint8Array {
  const couplings = new Uint8Array(NEURONS);
  neuron.forEach((first, index) => {
    couplings.fill(1, first, first + circuits[index]! - 1);
  });
  return couplings;
}

/**
 * Calibrated words of each used circuit, switched to what its population does; the others stay quiet. Of coupled circuits
 * the first has the leak, the threshold and a membrane that is smaller by the parasitic capacitances of the others, whose
 * own capacitance and leak are off: so τ_m and the strength of every synapse stay what was calibrated.
 */
function neuronWords(
  network: Network,
  { neuron, circuits, routing }: Placement,
  calibrations: Calibrations,
  first: Calibration,
  clocks: Uint8Array,
): NeuronWords {
  const words = structuredClone(first.words.neurons);
  const keys = Object.keys(words) as (keyof NeuronWords)[];
  for (const key of ["thresholdOn", "eventsOn", "synExcOn", "synInhOn", "offsetCurrentOn"] as const)
    words[key].fill(0);
  for (const { name, model, start, size } of network.populations) {
    const calibration = calibrationOf(calibrations, name);
    const own = calibration.words;
    const counter = countWith(clocks, own.refractoryClocks[FAST]!);
    for (let index = start; index < start + size; index++) {
      const circuit = neuron[index]!;
      const end = circuit + circuits[index]!;
      for (const key of keys) {
        for (let one = circuit; one < end; one++) words[key][one] = own.neurons[key][one]!;
      }
      const lighter = Math.round(PARASITIC_CAPACITANCE * (circuits[index]! - 1));
      words.capacitance[circuit] = Math.max(0, own.neurons.capacitance[circuit]! - lighter);
      words.capacitance.fill(0, circuit + 1, end);
      words.leakBias.fill(0, circuit + 1, end);
      words.leakDivide.fill(1, circuit + 1, end);
      words.leakMultiply.fill(0, circuit + 1, end);
      words.thresholdOn.fill(0, circuit, end);
      words.eventsOn.fill(0, circuit, end);
      words.offsetCurrentOn.fill(0, circuit, end);
      words.synExcOn.fill(1, circuit, end);
      words.synInhOn.fill(1, circuit, end);
      words.refractoryClock[circuit] = counter.clock;
      words.refractoryCounter[circuit] = counter.convert(own.neurons.refractoryCounter[circuit]!);
      words.address[circuit] = routing.neuronAddress[index]!;
      words.thresholdOn[circuit] = model.spikes ? 1 : 0;
      words.eventsOn[circuit] = model.spikes ? 1 : 0;
      if (model.closedForm) continue;
      const terms = adexWords(extraOf(network, index), goalScale(calibration, circuit));
      for (const [key, word] of Object.entries(terms)) words[key as keyof AdexWords][circuit] = word;
    }
  }
  return words;
}

/**
 * Clock and counters for a population whose calibration counts with a clock of scale `scale`: the chip has two clocks. A
 * third scale is counted with the slow one; the last cycle of a counter is the hold-off, which is not scaled.
 */
function countWith(clocks: Uint8Array, scale: number) {
  const clock = scale === clocks[FAST] ? FAST : SLOW;
  const slower = 2 ** (clocks[clock]! - scale);
  const convert = (counter: number): number => Math.max(1, Math.round((counter - 1) / slower)) + 1;
  return { clock, convert };
}

/** A quadrant takes the words of the first population that has neurons in it. */
function quadrantWords(
  network: Network,
  { neuron }: Placement,
  calibrations: Calibrations,
  first: Calibration,
): QuadrantWords {
  const words = structuredClone(first.words.quadrants);
  const done = new Uint8Array(QUADRANTS);
  for (const { name, start, size } of network.populations) {
    const own = calibrationOf(calibrations, name).words.quadrants;
    const here = new Set<number>();
    for (const circuit of neuron.subarray(start, start + size)) {
      here.add(quadrantOf(circuit));
    }
    for (const quadrant of here) {
      if (done[quadrant] === 1) continue;
      done[quadrant] = 1;
      for (const key of Object.keys(words) as (keyof QuadrantWords)[]) {
        words[key][quadrant] = own[key][quadrant]!;
      }
    }
  }
  return words;
}

function cadcOffsets(
  network: Network,
  { neuron }: Placement,
  calibrations: Calibrations,
  first: Calibration,
): Int8Array {
  const offsets = Int8Array.from(first.words.cadcOffset);
  for (const { name, start, size } of network.populations) {
    const own = calibrationOf(calibrations, name).words.cadcOffset;
    for (const circuit of neuron.subarray(start, start + size)) {
      offsets[2 * circuit] = own[2 * circuit]!;
      offsets[2 * circuit + 1] = own[2 * circuit + 1]!;
    }
  }
  return offsets;
}

/** Labels of the synapses in use; all weights zero. */
function synapseWords(network: Network, { routing }: Placement, sites: Int32Array): SynapseWords {
  const weight = new Uint8Array(HEMISPHERES * ROWS * COLUMNS);
  const label = new Uint8Array(HEMISPHERES * ROWS * COLUMNS);
  const offsets = wordOffsets(network);
  network.projections.forEach(({ from, sourceStart, sources, targets, rows }, p) => {
    const perSource = targets * rows;
    for (let source = 0; source < sources; source++) {
      const own =
        from === INPUT
          ? routing.inputLabel[sourceStart + source]!
          : routing.neuronAddress[sourceStart - network.inputs + source]!;
      const begin = offsets[p]! + source * perSource;
      for (const site of sites.subarray(begin, begin + perSource)) {
        label[site] = own & SYNAPSE_LABEL_MAX;
        label[site + COLUMNS] = own & SYNAPSE_LABEL_MAX;
      }
    }
  });
  return { weight, label };
}

function routingWords(network: Network, placement: Placement): RoutingWords {
  const { routing } = placement;
  const words = {
    rowMode: new Uint8Array(HEMISPHERES * ROWS),
    driverMask: routing.driverMask.slice(),
    driverStp: new Uint8Array(HEMISPHERES * DRIVERS),
    driverOffset: new Uint8Array(HEMISPHERES * DRIVERS),
    nodeOn: new Uint8Array(CROSSBAR_INPUTS * CROSSBAR_OUTPUTS),
    nodeMask: new Uint16Array(CROSSBAR_INPUTS * CROSSBAR_OUTPUTS),
    nodeTarget: new Uint16Array(CROSSBAR_INPUTS * CROSSBAR_OUTPUTS),
  };
  network.projections.forEach(({ rows }, p) => {
    const driver = routing.projections[p]?.driver as Int16Array;
    driver.forEach((chosen, at) => {
      if (chosen < 0) return;
      const hemisphere = Math.floor(at / rows) % HEMISPHERES;
      const row = hemisphere * ROWS + chosen * ROWS_PER_DRIVER;
      words.rowMode[row] = ROW_EXCITATORY;
      words.rowMode[row + 1] = ROW_INHIBITORY;
    });
  });
  for (const { input, output, bits } of routing.nodes) {
    const node = input * CROSSBAR_OUTPUTS + output;
    words.nodeOn[node] = 1;
    words.nodeMask[node] = bits;
    words.nodeTarget[node] = bits;
  }
  return words;
}
