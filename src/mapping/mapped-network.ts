/**
 * The mapping as one object: what the loop needs to run a placed network on a chip, batch by batch.
 *
 *     writeWeights → chip.configure({ synapses }) → encode → chip.run → decode per sample
 */

import { COLUMNS, TICK_US } from "../chip/limits.ts";
import type { Chip, ChipConfig, Recording, SpikeBatch } from "../chip/types.ts";
import type { Microseconds } from "../core/units.ts";
import { INPUT, type Network, type Projection, withConstants } from "../network/network.ts";
import type { InputBatch, Observation } from "../network/observation.ts";
import { createParameterValues } from "../network/parameters.ts";
import { type Calibrations, calibrationOf } from "./calibrations.ts";
import { compileConfig, weightSites } from "./compile.ts";
import { type ConstantsKind, placedConstants } from "./constants.ts";
import { createDecoder, type DecodeCounts } from "./decode.ts";
import { createEncoder } from "./encode.ts";
import type { Placement } from "./placement.ts";
import {
  type Copies,
  roundWeights,
  saturationLimit,
  shareTotal,
  weightScale,
  wordOffsets,
} from "./quantize.ts";

export interface MappingOptions {
  /** Default `spread`. */
  readonly copies?: Copies;
  /** Default `calibrated`. */
  readonly constants?: ConstantsKind;
}

/** What encoding and decoding could not carry over one to one, summed since creation. */
export interface MappingCounts extends DecodeCounts {
  /** Input events moved by a tick or more because their bus was taken. */
  movedInputs: number;
  /** Input events on or after the end of their sample, not sent. */
  lateInputs: number;
  /** Input events that their delays pushed beyond the end of their sample, not sent. */
  pushedInputs: number;
}

export interface MappedNetwork {
  /** The network with the constants that estimators should compute with. */
  readonly network: Network;
  readonly placement: Placement;
  /** All words, as last written; `synapses.weight` is changed in place by `writeWeights`. */
  readonly config: ChipConfig;
  /** Signed words [wordOffsets(network)[p] + (source · targets + target) · rows + copy], as last written. */
  readonly words: Int8Array;
  /** Words per model unit of each projection. */
  readonly scales: Float64Array;
  /** Smallest size of a weight of each projection that is clipped, model units. */
  readonly weightLimits: Float64Array;
  readonly counts: MappingCounts;
  /** Circuits of the named populations, for `RunOptions.cadc.recordedNeurons`; in the order that `decode` expects. */
  circuits(populations: readonly string[]): Int32Array;
  /**
   * Quantizes all weights (model units, layout of the network) into `config`; counts those that were clipped. Delays that
   * stand behind the weights are added to the events of later batches.
   */
  writeWeights(weights: Float64Array): { readonly saturated: number };
  /** The model weights that the present words stand for. */
  readWeights(weights: Float64Array): void;
  /** Writes every section to a chip. */
  configureAll(chip: Chip): Promise<void>;
  /** Writes the synapses only. */
  configureWeights(chip: Chip): Promise<void>;
  /** Events of a batch; buffers are reused by the next call. */
  encode(inputs: InputBatch): SpikeBatch;
  /** Overwrites `observation` with entry `entry` of a recording of the batch that was encoded last. */
  decode(recording: Recording, entry: number, observation: Observation): void;
}

const NO_TOTAL = 2 ** 31 - 1;

/** Whole ticks that cover a time; a rounding error of the division does not add one. */
function ticks(duration: Microseconds): number {
  return Math.ceil(duration / TICK_US - 1e-6);
}

/** @throws UserError("compatibility") when the calibrations cannot share a chip */
export function mapNetwork(
  network: Network,
  placement: Placement,
  calibrations: Calibrations,
  options: MappingOptions = {},
): MappedNetwork {
  const copies = options.copies ?? "spread";
  const sites = weightSites(network, placement);
  const config = compileConfig(network, placement, calibrations, sites);
  const offsets = wordOffsets(network);
  const words = new Int8Array(sites.length);
  const scales = Float64Array.from(network.projections, ({ to }) =>
    weightScale(calibrationOf(calibrations, to)),
  );
  const placed = placedConstants(network, placement, calibrations, options.constants ?? "calibrated");
  const encoder = createEncoder(placement.routing, ticks(network.duration));
  const values = createParameterValues(network);
  /** Projections whose delays the host adds to the events that it sends. */
  const delayed = network.projections.filter(({ delay }) => delay !== undefined);
  if (delayed.some(({ from, delay }) => from !== INPUT || delay?.kind !== "axonal"))
    throw new Error("a chip has axonal delays of inputs only");
  const decoder = createDecoder(network, placement, placed, encoder);
  const counts: MappingCounts = Object.assign(decoder.counts, {
    movedInputs: 0,
    lateInputs: 0,
    pushedInputs: 0,
  });
  const { weight } = config.synapses;
  /** Of each weight, as rounded last and as the words have it; at first no total is. */
  const totals = new Int32Array(network.weights);
  const written = new Int32Array(network.weights).fill(NO_TOTAL);

  /** Brings words and synapses in step with the totals; from one update to the next most stay as they are. */
  const writeWords = ({ offset, sources, targets, rows }: Projection, firstWord: number): void => {
    let at = firstWord;
    for (let index = offset; index < offset + sources * targets; index++, at += rows) {
      const total = totals[index]!;
      if (total === written[index]) continue;
      written[index] = total;
      shareTotal(total, rows, copies, words, at);
      for (let copy = at; copy < at + rows; copy++) {
        const site = sites[copy]!;
        const word = words[copy]!;
        weight[site] = word > 0 ? word : 0;
        weight[site + COLUMNS] = word < 0 ? -word : 0;
      }
    }
  };

  return {
    network: withConstants(network, placed.constants, placed.extra),
    placement,
    config,
    words,
    scales,
    weightLimits: Float64Array.from(network.projections, ({ rows }, p) =>
      saturationLimit(rows, scales[p]!, copies),
    ),
    counts,
    circuits: (names) =>
      Int32Array.from(
        network.populations
          .filter(({ name }) => names.includes(name))
          .flatMap(({ start, size }) => Array.from(placement.neuron.subarray(start, start + size))),
      ),
    writeWeights(weights) {
      let saturated = 0;
      network.projections.forEach((projection, p) => {
        saturated += roundWeights(projection, weights, scales[p]!, copies, totals);
        writeWords(projection, offsets[p]!);
      });
      values.update(weights);
      for (const { delay, sources } of delayed) {
        const offset = delay?.segment.offset ?? 0;
        encoder.delay.set(values.value.subarray(offset, offset + sources));
      }
      return { saturated };
    },
    readWeights(weights) {
      network.projections.forEach(({ offset, sources, targets, rows }, p) => {
        const step = copies === "equal" ? rows : 1;
        const scale = scales[p]!;
        for (let index = offset; index < offset + sources * targets; index++)
          weights[index] = (step * totals[index]!) / scale;
      });
    },
    configureAll: (chip) => chip.configure(config),
    configureWeights: (chip) => chip.configure({ synapses: { weight } }),
    encode(inputs) {
      const batch = encoder.encode(inputs);
      counts.movedInputs += encoder.moved;
      counts.lateInputs += encoder.late;
      counts.pushedInputs += encoder.pushed;
      return batch;
    },
    decode: decoder.decode,
  };
}
