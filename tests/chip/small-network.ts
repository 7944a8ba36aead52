/** A small network on a chip, set by hand: what tests of chips run. */

import { copyConfig } from "../../src/chip/config.ts";
import { defaultConfig } from "../../src/chip/default-config.ts";
import { CROSSBAR_OUTPUTS } from "../../src/chip/limits.ts";
import { type ChipConfig, ROW_EXCITATORY, ROW_INHIBITORY, type SpikeBatch } from "../../src/chip/types.ts";
import { stream } from "../../src/core/random.ts";

/** Twelve neurons of the top half spike and excite three of the bottom half, which only integrate. */
export const HIDDEN = Int32Array.from({ length: 12 }, (_, i) => 32 * (i % 4) + i);
export const READOUT = Int32Array.from([256, 257, 258]);
/** Inputs 0 … 7, on link 0. */
export const INPUTS = 8;

/** Label that the FPGA sends for an input: row select = input, synapse label = input + 1. */
export function inputLabel(input: number): number {
  return (input << 6) | (input + 1);
}

/** Words with random weights; input k reaches driver k of bus 0 of the top half. */
export function smallNetwork(seed = 1): ChipConfig {
  const config = copyConfig(defaultConfig());
  const { neurons, quadrants, synapses, routing } = config;
  const draws = stream(seed, "tests/small-network");
  quadrants.synapseDacBias.fill(1000);
  routing.nodeOn[8 * CROSSBAR_OUTPUTS] = 1;
  for (let input = 0; input < INPUTS; input++) {
    const row = 8 * input;
    routing.rowMode[row] = ROW_EXCITATORY;
    routing.rowMode[row + 1] = ROW_INHIBITORY;
    for (const neuron of HIDDEN) {
      for (const sign of [0, 1]) {
        const synapse = (row + sign) * 256 + neuron;
        synapses.label[synapse] = input + 1;
        synapses.weight[synapse] = sign === 0 ? 20 + draws.below(44) : draws.below(12);
      }
    }
  }
  // Hidden neuron i: event output and bus i mod 4; in the bottom half the driver of that bus that its label selects.
  HIDDEN.forEach((neuron, i) => {
    neurons.thresholdOn[neuron] = 1;
    neurons.eventsOn[neuron] = 1;
    neurons.threshold[neuron] = 280;
    neurons.address[neuron] = (Math.floor(i / 4) << 6) | (i + 20);
    const output = neuron >> 5;
    routing.nodeOn[output * CROSSBAR_OUTPUTS + 8 + (output % 4)] = 1;
    routing.nodeOn[output * CROSSBAR_OUTPUTS + 4 + (output % 4)] = 1;
    // The label's bits 6-10 (address and event output) are read as row select.
    const select = (((output << 8) | neurons.address[neuron]!) >> 6) & 31;
    const driver = 4 * select + (output % 4);
    const row = 256 + 2 * driver;
    routing.rowMode[row] = ROW_EXCITATORY;
    for (const readout of READOUT) {
      const synapse = row * 256 + (readout - 256);
      synapses.label[synapse] = neurons.address[neuron]! & 63;
      synapses.weight[synapse] = draws.below(20);
    }
  });
  return config;
}

/** `entries` samples of 30 µs in which every input sends two events. */
export function smallBatch(entries: number, seed = 2): SpikeBatch {
  const events = Array.from({ length: entries }, (_, entry) => {
    const draws = stream(seed, "tests/small-batch", entry);
    return Array.from({ length: 2 * INPUTS }, (_, k) => ({
      tick: 100 + draws.below(2500),
      label: inputLabel(k % INPUTS),
    })).sort((a, b) => a.tick - b.tick);
  });
  const offset = new Int32Array(entries + 1);
  events.forEach((list, entry) => {
    offset[entry + 1] = offset[entry]! + list.length;
  });
  const all = events.flat();
  return {
    entries,
    duration: 3750,
    offset,
    tick: Int32Array.from(all, ({ tick }) => tick),
    label: Uint16Array.from(all, ({ label }) => label),
  };
}

/** Entries `from` … `to` − 1 of a batch. */
export function sliceBatch(batch: SpikeBatch, from: number, to: number): SpikeBatch {
  const first = batch.offset[from]!;
  const end = batch.offset[to]!;
  return {
    entries: to - from,
    duration: batch.duration,
    offset: batch.offset.slice(from, to + 1).map((o) => o - first),
    tick: batch.tick.slice(first, end),
    label: batch.label.slice(first, end),
  };
}
