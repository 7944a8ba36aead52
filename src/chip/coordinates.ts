/**
 * Where things sit on the chip: from the number of a neuron circuit or a driver to the parts that serve it.
 *
 *     neuron id = 256 · hemisphere + column          (halco: neuron.h)
 *     quadrant  = 2 · hemisphere + (column ≥ 128)    (halco: capmem.h)
 *     output    = column / 32, of both hemispheres   (halco: src/neuron.cpp)
 *     driver d of a hemisphere listens to bus d mod 4, at position d / 4 on it (halco: src/synapse_driver.cpp)
 */

import { COLUMNS, COLUMNS_PER_EVENT_OUTPUT, COLUMNS_PER_QUADRANT, PADI_BUSES } from "./limits.ts";

export function hemisphereOf(neuron: number): number {
  return Math.floor(neuron / COLUMNS);
}

export function columnOf(neuron: number): number {
  return neuron % COLUMNS;
}

/** Capmem block: top left, top right, bottom left, bottom right. */
export function quadrantOf(neuron: number): number {
  return 2 * hemisphereOf(neuron) + (columnOf(neuron) >= COLUMNS_PER_QUADRANT ? 1 : 0);
}

/** Event output of a neuron: 32 columns of both hemispheres share one. */
export function eventOutputOf(neuron: number): number {
  return Math.floor(columnOf(neuron) / COLUMNS_PER_EVENT_OUTPUT);
}

/** Label of the events of a neuron with this address, 0 … 255 (bits as in types.ts). */
export function neuronLabel(neuron: number, address: number): number {
  return (eventOutputOf(neuron) << 8) | address;
}

/** The only PADI bus, of either hemisphere, that events of a neuron reach. */
export function busOf(neuron: number): number {
  return eventOutputOf(neuron) % PADI_BUSES;
}

/** Position of a driver (0 … 127 of its hemisphere) on its bus, 0 … 31: what it compares row selects with. */
export function driverPosition(driver: number): number {
  return Math.floor(driver / PADI_BUSES);
}
