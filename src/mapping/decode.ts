/**
 * Recording → Observation, sample by sample: labels → neurons, ticks → µs, converter codes → model volts.
 *
 *     spike time  = tick · 8 ns − latency_j       voltage = (code − leak_j) / unit_j
 *     sample time = nominal time + lag_j
 *
 * Inputs are reported without the delays that the host has added to them, so that their arrivals are when the chip was
 * sent the events.
 *
 * A spike that noise or jitter put before the input that caused it, or without any cause, is passed on as it is:
 * it was observed, and estimators count what their model cannot explain. Only stamps outside the sample are
 * changed, and counted.
 *
 * leak_j, unit_j, latency_j and lag_j are those of the neuron's own calibration: constants.ts.
 * Allocation-free once the observation's buffers have grown.
 */

import { hemisphereOf, neuronLabel } from "../chip/coordinates.ts";
import { TICK_US } from "../chip/limits.ts";
import type { CadcRecording, Recording, SpikeRecording } from "../chip/types.ts";
import type { Network } from "../network/network.ts";
import {
  type Observation,
  reserveSpikes,
  reserveVoltages,
  type SpikeList,
  type VoltageSamples,
} from "../network/observation.ts";
import type { PlacedConstants } from "./constants.ts";
import type { Encoder } from "./encode.ts";
import type { Placement } from "./placement.ts";

/** What decoding needs of a placed neuron; see PlacedConstants. */
type Readout = Pick<PlacedConstants, "unit" | "leak" | "spikeLatency" | "cadcLag">;

const NEURON_LABELS = 1 << 11;
const NEURON_IDS = 512;

/** What did not fit into an observation, summed since creation. */
export interface DecodeCounts {
  /** Events whose label no neuron of the network has. */
  strayEvents: number;
  /** Spikes stamped before the sample began; reported at 0. */
  earlySpikes: number;
  /** Spikes stamped at or after the end of the sample; left out. */
  lateSpikes: number;
}

export interface Decoder {
  readonly counts: DecodeCounts;
  /**
   * Overwrites `observation` with batch entry `entry`. Inputs are those that the encoder sent last. CADC
   * samples outside [0, duration) are left out.
   */
  decode(recording: Recording, entry: number, observation: Observation): void;
}

export function createDecoder(
  network: Network,
  placement: Placement,
  { unit, leak, spikeLatency, cadcLag }: Readout,
  encoder: Encoder,
): Decoder {
  const { duration } = network;
  const counts: DecodeCounts = { strayEvents: 0, earlySpikes: 0, lateSpikes: 0 };
  const neuronOfLabel = new Int32Array(NEURON_LABELS).fill(-1);
  const neuronOfCircuit = new Int32Array(NEURON_IDS).fill(-1);
  placement.neuron.forEach((circuit, index) => {
    neuronOfCircuit[circuit] = index;
  });
  for (const { model, start, size } of network.populations) {
    if (!model.spikes) continue;
    for (let index = start; index < start + size; index++) {
      const label = neuronLabel(placement.neuron[index]!, placement.routing.neuronAddress[index]!);
      neuronOfLabel[label] = index;
    }
  }

  const decodeInputs = (entry: number, inputs: SpikeList): void => {
    const { batch, source, delay } = encoder;
    const { offset, tick } = batch;
    const begin = offset[entry]!;
    const count = offset[entry + 1]! - begin;
    reserveSpikes(inputs, count);
    const { time, index } = inputs;
    for (let k = 0; k < count; k++) {
      const input = source[begin + k]!;
      // When it was sent, before the delay that the host has added: later delays may be shorter.
      const sent = tick[begin + k]! * TICK_US - delay[input]!;
      let at = k;
      for (; at > 0 && time[at - 1]! > sent; at--) {
        time[at] = time[at - 1]!;
        index[at] = index[at - 1]!;
      }
      time[at] = sent;
      index[at] = input;
    }
    inputs.count = count;
  };

  const decodeSpikes = (recorded: SpikeRecording, entry: number, spikes: SpikeList): void => {
    const { entry: entryOf, tick, label } = recorded;
    const begin = firstOf(recorded, entry);
    let end = begin;
    while (end < recorded.count && entryOf[end] === entry) end++;
    reserveSpikes(spikes, end - begin);
    const { time, index } = spikes;
    let count = 0;
    for (let event = begin; event < end; event++) {
      const neuron = neuronOfLabel[label[event]! & (NEURON_LABELS - 1)]!;
      if (neuron < 0) {
        counts.strayEvents++;
        continue;
      }
      let stamp = tick[event]! * TICK_US - spikeLatency[neuron]!;
      if (stamp < 0) {
        counts.earlySpikes++;
        stamp = 0;
      } else if (stamp >= duration) {
        counts.lateSpikes++;
        continue;
      }
      time[count] = stamp;
      index[count++] = neuron;
    }
    spikes.count = count;
  };

  const decodeVoltages = (recorded: CadcRecording, entry: number, voltages: VoltageSamples): void => {
    const { recordedNeurons, samples, code, time: stamp } = recorded;
    const width = recordedNeurons.length;
    reserveVoltages(voltages, width * samples);
    const { neuron: neurons, time, value } = voltages;
    let count = 0;
    for (let column = 0; column < width; column++) {
      const neuron = neuronOfCircuit[recordedNeurons[column]!]!;
      if (neuron < 0) continue;
      const zero = leak[neuron]!;
      const scale = 1 / unit[neuron]!;
      const lag = cadcLag[neuron]!;
      const own = (2 * entry + hemisphereOf(recordedNeurons[column]!)) * samples;
      // Sample times ascend: those inside the sample are one stretch.
      let first = 0;
      while (first < samples && stamp[own + first]! + lag < 0) first++;
      let end = samples;
      while (end > first && stamp[own + end - 1]! + lag >= duration) end--;
      let at = (entry * samples + first) * width + column;
      for (let k = first; k < end; k++) {
        neurons[count] = neuron;
        time[count] = stamp[own + k]! + lag;
        value[count++] = (code[at]! - zero) * scale;
        at += width;
      }
    }
    voltages.count = count;
  };

  return {
    counts,
    decode(recording, entry, { inputs, spikes, voltages }) {
      decodeInputs(entry, inputs);
      decodeSpikes(recording.spikes, entry, spikes);
      voltages.count = 0;
      if (recording.cadc !== undefined) decodeVoltages(recording.cadc, entry, voltages);
    },
  };
}

/** Position of the first spike of an entry, by bisection: spikes are sorted by entry. */
function firstOf(recorded: SpikeRecording, entry: number): number {
  let low = 0;
  let high = recorded.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (recorded.entry[middle]! < entry) low = middle + 1;
    else high = middle;
  }
  return low;
}
