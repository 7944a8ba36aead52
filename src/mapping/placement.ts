/**
 * Where a network sits on a chip: which circuits each neuron uses, which drivers each connection uses, which
 * labels its events carry. Plain data, made by place.ts and route.ts, read by compile.ts, decode.ts and
 * resources.ts.
 *
 * Signed connections. The sign belongs to a synapse row, so one copy of a source is one synapse driver: its
 * even row excitatory, its odd row inhibitory, the same label in both. A source of a projection with `rows`
 * copies has that many drivers per hemisphere in which the projection has targets.
 *
 * Coupled circuits. A neuron of n circuits (n = 1, 2, 4, 8; columns n·k … n·k + n − 1 of one hemisphere) has n columns of
 * synapses, 128 · n signed inputs. Each copy of a source has its synapse on one of the circuits, so a driver serves up to
 * n sources of a population, told apart by their labels.
 *
 * Events reach exactly the buses that need them: spare label bits name the buses, and each crossbar node passes
 * labels with its own bit set. Bits 0–5 are the synapse label, bits 14–15 of an external label the link.
 *
 *     labeling  external event                      neuron event                        drivers
 *     open       6–13 one per bus (4 · hemisphere    8–10 event output, 6–7 one per      take every event of
 *                + bus)                              hemisphere                          their bus
 *     select     6–9 one per bus, 10 half of the     as above: bit 10 is set for event   take events of their half
 *                bus; link 0 top, 1 bottom, 2 both   outputs 4 … 7                       of the bus
 *                hemispheres
 *
 * A driver compares the row select, bits 6–10, with its fixed position on its bus, 0 … 31, in the bits of its mask. With
 * mask 16, positions 0 … 15 take events with bit 10 clear and positions 16 … 31 those with bit 10 set: two halves with 64
 * labels each. With 4 or 8 groups (masks 24, 28) bits 9–10 or 8–10 name the group, in neuron events the event output; an
 * external event then names its hemispheres in bits 11 and 12, and its link is its bus. `open` (mask 0) shares rows best;
 * `select` tells more than 64 sources on a bus apart (labels.ts).
 *
 * Crossbar, drivers and labels: electronicvisions/halco:include/halco/hicann-dls/vx/event.h,
 * electronicvisions/haldls:include/haldls/vx/{synapse_driver,routing_crossbar}.h.
 */

import { hemisphereOf } from "../chip/coordinates.ts";
import type { Population } from "../network/network.ts";

/** Numbers of circuits that a neuron may be coupled of. */
export const COUPLED_CIRCUITS = [1, 2, 4, 8] as const;

/** Wishes of an experiment: population name → hemisphere, 0 (top) or 1 (bottom). */
export type HemisphereConstraints = Readonly<Record<string, number>>;

export interface PlacementOptions {
  /** Circuits not to be used, 1 each (512): dead ones, and those whose calibration failed. */
  readonly exclude?: Uint8Array;
  readonly constraints?: HemisphereConstraints;
  /** Circuits of each neuron by population, of COUPLED_CIRCUITS; what the fan-in needs where none is given. */
  readonly circuits?: Readonly<Record<string, number>>;
}

/** Drivers of one projection. */
export interface ProjectionRoute {
  /**
   * Driver (0 … 127) of source s, copy c on hemisphere h: `driver[(s · 2 + h) · rows + c]`; −1 where the
   * projection has no targets. Its PADI bus is driver mod 4, its rows are 2 · driver and 2 · driver + 1.
   */
  readonly driver: Int16Array;
  /** The circuit of each target, 0 … its number of circuits − 1, that the driver's synapse is on; as `driver`. */
  readonly circuit: Uint8Array;
}

/** A crossbar node that is on; it passes labels with all bits of `bits` set. */
export interface CrossbarNode {
  readonly input: number;
  readonly output: number;
  readonly bits: number;
}

export interface Routing {
  readonly labeling: "open" | "select";
  /** Groups of drivers of each bus with labels of their own: 1 (`open`), 2, 4 or 8. */
  readonly groups: number;
  /** One entry per projection of the network. */
  readonly projections: readonly ProjectionRoute[];
  /** Label, with link, of the event of each input. */
  readonly inputLabel: Uint16Array;
  /** PADI buses that each input's event reaches: bit 4 · hemisphere + bus. */
  readonly inputBuses: Uint8Array;
  /** Address word of each neuron of the network. */
  readonly neuronAddress: Uint8Array;
  /** Hemispheres that each neuron's events reach: bit = hemisphere. */
  readonly neuronTargets: Uint8Array;
  /** Bits of its position that driver [128 · hemisphere + driver] compares with the row select. */
  readonly driverMask: Uint8Array;
  readonly nodes: readonly CrossbarNode[];
}

export interface Placement {
  /** Name of the strategy that was first to fit. */
  readonly strategy: string;
  /** Circuit (256 · hemisphere + column) of each neuron of the network; the first where several are coupled. */
  readonly neuron: Int32Array;
  /** Number of circuits of each neuron: `neuron[j]` and those to its right. */
  readonly circuits: Uint8Array;
  /** Number of circuits that were not to be used. */
  readonly excluded: number;
  readonly routing: Routing;
}

/** What ran out, where, and by how much. `excess` counts in the resource's own unit and is positive. */
export interface Shortage {
  readonly resource: "neurons" | "rows" | "bus rows" | "labels";
  /** What is wrong, one sentence, in the words of the routing software of the real chip. */
  readonly message: string;
  readonly excess: number;
  /** Population for which it is short, if it is one. */
  readonly target: string | undefined;
  /** Populations whose size matters, projections whose copies matter, whether the number of inputs matters. */
  readonly populations: readonly string[];
  readonly projections: readonly string[];
  readonly inputs: boolean;
}

/** Hemispheres on which a population has neurons, ascending. */
export function hemispheresOf(population: Population, neuron: Int32Array): number[] {
  const circuits = neuron.subarray(population.start, population.start + population.size);
  return [0, 1].filter((hemisphere) => circuits.some((circuit) => hemisphereOf(circuit) === hemisphere));
}
