/**
 * Recording → Observation, sample by sample: labels → neurons, ticks → µs, converter codes → model volts.
 *
 *     spike time  = tick · 8 ns − latency         voltage = (code − leak_j) / unit_j
 *     sample time = nominal time + lag
 *
 * A spike that noise or jitter put before the input that caused it, or without any cause, is passed on as it is:
 * it was observed, and estimators count what their model cannot explain. Only stamps outside the sample are
 * changed, and counted.
 *
 * leak_j and unit_j: constants.ts; latency and lag are those of the chip, as calibrated.
 * Allocation-free once the observation's buffers have grown.
 */

import { TICK_US } from "../chip/limits.ts";
import type { Recording, SpikeRecording } from "../chip/types.ts";
import type { Microseconds } from "../core/units.ts";
import type { Network } from "../network/network.ts";
import { type Observation, pushSpike, pushVoltage } from "../network/observation.ts";
import type { PlacedConstants } from "./constants.ts";
import type { Encoder } from "./encode.ts";
import { eventOutputOf, type Placement } from "./placement.ts";

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

/** `latency` and `lag` in µs, see Calibration. */
export function createDecoder(
  network: Network,
  placement: Placement,
  { unit, leak }: Pick<PlacedConstants, "unit" | "leak">,
  encoder: Encoder,
  latency: Microseconds,
  lag: Microseconds,
): Decoder {
  const { duration } = network;
  const counts: DecodeCounts = { strayEvents: 0, earlySpikes: 0, lateSpikes: 0 };
  const neuronOfLabel = new Int32Array(NEURON_LABELS).fill(-1);
  const neuronOfCircuit = new Int32Array(NEURON_IDS).fill(-1);
  placement.neuron.forEach((circuit, index) => {
    neuronOfCircuit[circuit] = index;
  });
  for (const { model, start, size } of network.populations) {
    if (model !== "lif") continue;
    for (let index = start; index < start + size; index++) {
      const output = eventOutputOf(placement.neuron[index] as number);
      neuronOfLabel[(output << 8) | (placement.routing.neuronAddress[index] as number)] = index;
    }
  }

  const decodeInputs = (entry: number, observation: Observation): void => {
    const { inputs } = observation;
    const { batch, source } = encoder;
    inputs.count = 0;
    const end = batch.offset[entry + 1] as number;
    for (let event = batch.offset[entry] as number; event < end; event++) {
      pushSpike(inputs, (batch.tick[event] as number) * TICK_US, source[event] as number);
    }
  };

  const decodeSpikes = (recorded: SpikeRecording, entry: number, observation: Observation): void => {
    const { spikes } = observation;
    spikes.count = 0;
    for (let event = firstOf(recorded, entry); event < recorded.count; event++) {
      if (recorded.entry[event] !== entry) break;
      const neuron = neuronOfLabel[(recorded.label[event] as number) & (NEURON_LABELS - 1)] as number;
      if (neuron < 0) {
        counts.strayEvents++;
        continue;
      }
      let time = (recorded.tick[event] as number) * TICK_US - latency;
      if (time < 0) {
        counts.earlySpikes++;
        time = 0;
      } else if (time >= duration) {
        counts.lateSpikes++;
        continue;
      }
      pushSpike(spikes, time, neuron);
    }
  };

  return {
    counts,
    decode(recording, entry, observation) {
      decodeInputs(entry, observation);
      decodeSpikes(recording.spikes, entry, observation);
      const { voltages } = observation;
      voltages.count = 0;
      const cadc = recording.cadc;
      if (cadc === undefined) return;
      const { keep, samples, code, nominalTime } = cadc;
      const width = keep.length;
      for (let column = 0; column < width; column++) {
        const neuron = neuronOfCircuit[keep[column] as number] as number;
        if (neuron < 0) continue;
        const zero = leak[neuron] as number;
        const scale = 1 / (unit[neuron] as number);
        for (let k = 0; k < samples; k++) {
          const time = (nominalTime[k] as number) + lag;
          if (time < 0 || time >= duration) continue;
          const value = ((code[(entry * samples + k) * width + column] as number) - zero) * scale;
          pushVoltage(voltages, neuron, time, value);
        }
      }
    },
  };
}

/** Position of the first spike of an entry, by bisection: spikes are sorted by entry. */
function firstOf(recorded: SpikeRecording, entry: number): number {
  let low = 0;
  let high = recorded.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((recorded.entry[middle] as number) < entry) low = middle + 1;
    else high = middle;
  }
  return low;
}
