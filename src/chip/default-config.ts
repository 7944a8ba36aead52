/**
 * The words of an uncalibrated chip: codes at which a typical neuron has leak and reset at 80 LSB, threshold at
 * 150 LSB, time constants of 6 µs and a reset of 1 µs (docs/hardware.md, "Default words"). No route is
 * on, no row has a sign, no neuron spikes: the user of the chip switches on what is needed.
 */

import { SYNAPSES } from "./config.ts";
import { columnOf, hemisphereOf } from "./coordinates.ts";
import {
  CADC_CHANNELS,
  CAPACITANCE_MAX,
  COLUMNS_PER_EVENT_OUTPUT,
  CROSSBAR_INPUTS,
  CROSSBAR_OUTPUTS,
  DRIVERS,
  HEMISPHERES,
  HOLD_OFF_MAX,
  NEURONS,
  QUADRANTS,
  REFRACTORY_CLOCKS,
  ROW_SELECT_MAX,
  ROWS,
} from "./limits.ts";
import type { ChipConfig, NeuronWords, RoutingWords } from "./types.ts";

/** Fresh arrays at every call; the caller may write them. */
export function defaultConfig(): ChipConfig {
  return {
    neurons: defaultNeurons(),
    quadrants: {
      synapseDacBias: new Uint16Array(QUADRANTS).fill(600),
      cadcRampOffset: new Uint16Array(QUADRANTS).fill(31),
      cadcRampSlope: new Uint16Array(QUADRANTS).fill(369),
    },
    cadcOffset: new Int8Array(CADC_CHANNELS),
    synapses: { weight: new Uint8Array(SYNAPSES), label: new Uint8Array(SYNAPSES) },
    routing: defaultRouting(),
    refractoryClocks: new Uint8Array(REFRACTORY_CLOCKS),
    couplings: new Uint8Array(NEURONS),
  };
}

function defaultNeurons(): NeuronWords {
  const capmem = (code: number): Uint16Array => new Uint16Array(NEURONS).fill(code);
  const small = (word: number): Uint8Array => new Uint8Array(NEURONS).fill(word);
  return {
    leak: capmem(629),
    reset: capmem(625),
    threshold: capmem(389),
    leakBias: capmem(170),
    resetBias: capmem(1012),
    synExcTau: capmem(84),
    synInhTau: capmem(78),
    synExcGm: capmem(500),
    synInhGm: capmem(500),
    synExcShift: capmem(304),
    synInhShift: capmem(304),
    offsetCurrent: capmem(0),
    expThreshold: capmem(389),
    expBias: capmem(500),
    adaptLeak: capmem(629),
    adaptReference: capmem(511),
    adaptTau: capmem(250),
    adaptA: capmem(0),
    adaptB: capmem(0),
    capacitance: small(CAPACITANCE_MAX),
    refractoryCounter: small(126),
    refractoryClock: small(1),
    holdOff: small(HOLD_OFF_MAX),
    address: Uint8Array.from({ length: NEURONS }, (_, neuron) => defaultAddress(neuron)),
    thresholdOn: small(0),
    eventsOn: small(0),
    synExcOn: small(1),
    synInhOn: small(1),
    offsetCurrentOn: small(0),
    leakDivide: small(0),
    leakMultiply: small(0),
    synExcHighResistance: small(0),
    synInhHighResistance: small(0),
    exponentialOn: small(0),
    adaptationOn: small(0),
  };
}

/** Distinct for the 64 neurons that share an event output: hemisphere in bit 5, column in bits 0–4. */
export function defaultAddress(neuron: number): number {
  return hemisphereOf(neuron) * COLUMNS_PER_EVENT_OUTPUT + (columnOf(neuron) % COLUMNS_PER_EVENT_OUTPUT);
}

function defaultRouting(): RoutingWords {
  const drivers = HEMISPHERES * DRIVERS;
  const nodes = CROSSBAR_INPUTS * CROSSBAR_OUTPUTS;
  return {
    rowMode: new Uint8Array(HEMISPHERES * ROWS),
    driverMask: new Uint8Array(drivers).fill(ROW_SELECT_MAX),
    driverStp: new Uint8Array(drivers),
    driverOffset: new Uint8Array(drivers),
    nodeOn: new Uint8Array(nodes),
    nodeMask: new Uint16Array(nodes),
    nodeTarget: new Uint16Array(nodes),
  };
}
