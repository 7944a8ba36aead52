/**
 * A placement as plain JSON for placement.json in the run folder: which circuit, driver and label everything
 * got. It explains results (a neuron that misbehaves can be found on the chip); nothing is read back from it.
 */

import { columnOf, eventOutputOf, hemisphereOf } from "../chip/coordinates.ts";
import { HEMISPHERES, PADI_BUSES, ROWS_PER_DRIVER, SYNAPSE_LABEL_MAX } from "../chip/limits.ts";
import type { Network } from "../network/network.ts";
import type { Runs } from "./partition.ts";
import type { Placement } from "./placement.ts";
import { type ResourceReport, resourceReport } from "./resources.ts";

export interface PlacementJson {
  readonly format: 1;
  readonly strategy: string;
  readonly inputs: readonly {
    readonly input: number;
    readonly link: number;
    readonly synapseLabel: number;
    /** Label as sent, 16 bit. */
    readonly label: number;
    readonly buses: readonly string[];
  }[];
  readonly populations: readonly {
    readonly name: string;
    readonly model: string;
    readonly neurons: readonly {
      readonly neuron: number;
      /** Its first circuit, and how many are coupled. */
      readonly circuit: number;
      readonly circuits: number;
      readonly hemisphere: number;
      readonly column: number;
      readonly eventOutput: number;
      readonly address: number;
    }[];
  }[];
  readonly projections: readonly {
    readonly name: string;
    readonly rows: number;
    /** Excitatory row of each copy of each source; the inhibitory row is the next one. */
    readonly sources: readonly {
      readonly source: number;
      readonly top: readonly number[];
      readonly bottom: readonly number[];
    }[];
  }[];
  readonly resources: ResourceReport;
}

/** Runs that follow each other on a chip, each a network of its own. */
export interface RunsJson {
  readonly format: 1;
  readonly runs: readonly (PlacementJson & {
    /** Source of the whole network, inputs first, that each input of the run is. */
    readonly sources: readonly number[];
    /** Neurons first … first + size − 1 of populations. */
    readonly slices: readonly {
      readonly population: string;
      readonly first: number;
      readonly size: number;
    }[];
  })[];
}

export function placedJson(network: Network, placed: Placement | Runs): PlacementJson | RunsJson {
  if (!("parts" in placed)) return placementJson(network, placed);
  return {
    format: 1,
    runs: placed.parts.map((part) => ({
      ...placementJson(part.network, part.placement),
      sources: Array.from(part.sources),
      slices: part.slices.map(({ population, first, size }) => ({
        population: population.name,
        first,
        size,
      })),
    })),
  };
}

export function placementJson(network: Network, placement: Placement): PlacementJson {
  const { neuron, routing } = placement;
  return {
    format: 1,
    strategy: placement.strategy,
    inputs: Array.from(routing.inputLabel, (label, input) => ({
      input,
      link: label >> 14,
      synapseLabel: label & SYNAPSE_LABEL_MAX,
      label,
      buses: busNames(routing.inputBuses[input]!),
    })),
    populations: network.populations.map(({ name, model, start, size }) => ({
      name,
      model: model.kind,
      neurons: Array.from({ length: size }, (_, index) => {
        const circuit = neuron[start + index]!;
        return {
          neuron: index,
          circuit,
          circuits: placement.circuits[start + index]!,
          hemisphere: hemisphereOf(circuit),
          column: columnOf(circuit),
          eventOutput: eventOutputOf(circuit),
          address: routing.neuronAddress[start + index]!,
        };
      }),
    })),
    projections: network.projections.map(({ name, rows, sources }, p) => {
      const driver = routing.projections[p]?.driver as Int16Array;
      const rowsOf = (source: number, hemisphere: number): number[] =>
        Array.from(driver.subarray((source * HEMISPHERES + hemisphere) * rows).subarray(0, rows))
          .filter((chosen) => chosen >= 0)
          .map((chosen) => chosen * ROWS_PER_DRIVER);
      return {
        name,
        rows,
        sources: Array.from({ length: sources }, (_, source) => ({
          source,
          top: rowsOf(source, 0),
          bottom: rowsOf(source, 1),
        })),
      };
    }),
    resources: resourceReport(network, placement),
  };
}

function busNames(buses: number): string[] {
  const names: string[] = [];
  for (let bus = 0; bus < HEMISPHERES * PADI_BUSES; bus++) {
    if (((buses >> bus) & 1) === 1) names.push(`${bus < PADI_BUSES ? "top" : "bottom"} ${bus % PADI_BUSES}`);
  }
  return names;
}
