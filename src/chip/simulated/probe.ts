/**
 * A side door for tests: the true parameters behind the current words of a simulated chip, without what varies
 * from run to run. Nothing in src may import it: calibration and mapping see a chip through its interface.
 */

import { COLUMNS, NEURONS } from "../limits.ts";
import { driverStpFactor } from "../nominal.ts";
import type { Chip } from "../types.ts";
import type { NeuronParameters } from "./analog-neurons.ts";
import { convertSamples, transferOf } from "./cadc.ts";
import type { SimulatedChip } from "./chip.ts";

export interface TrueNeurons extends NeuronParameters {
  /** 1: stuck, must not be used. */
  readonly dead: Uint8Array;
}

/** Parameters of all 512 neurons at the words written last; a copy. @throws Error on chips without an inside */
export function trueNeurons(chip: Chip): TrueNeurons {
  const { analog, words } = insideOf(chip);
  analog.setWords(words.neurons, words.quadrants, words.refractoryClocks, words.couplings);
  for (let neuron = 0; neuron < NEURONS; neuron++) analog.refresh(neuron);
  const copy = Object.fromEntries(
    Object.entries(analog.parameters).map(([name, values]) => [name, (values as Float64Array).slice()]),
  );
  return { ...(copy as unknown as NeuronParameters), dead: analog.pattern.dead.slice() };
}

/**
 * What one synapse makes of its weight word, in weight units of an ideal synapse: driver · row · synapse · curve.
 * Times `strengthExc` or `strengthInh` of the neuron it is the jump of the current in LSB/µs.
 *
 * @param row hemisphere · 256 + row
 */
export function trueWeight(chip: Chip, row: number, column: number): number {
  const { words, synapses } = insideOf(chip);
  const pattern = synapses.synapses(row);
  const { driverStp, driverOffset } = words.routing;
  const weight = words.synapses.weight[row * COLUMNS + column]!;
  return (
    synapses.driver[row >> 1]! *
    driverStpFactor(driverStp[row >> 1] === 1, driverOffset[row >> 1]!) *
    synapses.row[row]! *
    pattern.factor[column]! *
    synapses.curves[pattern.curve[column]! + weight]!
  );
}

/** Code that a CADC channel (2 · neuron + (0 causal | 1 acausal)) gives for a potential in LSB, without noise. */
export function trueRead(chip: Chip, channel: number, potential: number): number {
  const code = new Uint8ClampedArray(1);
  const transfer = transferOf(insideOf(chip).cadc, Int32Array.of(channel));
  convertSamples(transfer, Float32Array.of(potential), new Float32Array(1), 0, 1, code, 0);
  return code[0]!;
}

function insideOf(chip: Chip): SimulatedChip["inside"] {
  const { inside } = chip as Partial<SimulatedChip>;
  if (inside === undefined) throw new Error(`chip ${chip.info.id} is not simulated`);
  return inside;
}
