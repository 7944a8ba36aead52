import { describe, expect, it } from "vitest";
import { hemisphereOf } from "../../src/chip/coordinates.ts";
import type { Recording } from "../../src/chip/types.ts";
import { sharedCalibration } from "../../src/mapping/calibrations.ts";
import { mapNetwork } from "../../src/mapping/mapped-network.ts";
import { placeNetwork } from "../../src/mapping/place.ts";
import {
  type InputBatch,
  type Observation,
  spikeList,
  voltageSamples,
} from "../../src/network/observation.ts";
import { handCalibration } from "./hand-calibration.ts";
import { yinYang } from "./networks.ts";
import { spikeLabel } from "./walker.ts";

const HEALTH = { droppedIn: 0, droppedOut: 0, cadcTruncated: false, spikeBytes: 0, cadcBytes: 0 };

const network = yinYang();
const placement = placeNetwork(network);
const calibration = handCalibration({}, { spikeLatency: 0.08, cadcLag: -0.3 });
calibration.measured.leak[placement.neuron[121]!] = 77;
calibration.measured.strengthExc.fill(0.187, placement.neuron[121]!, placement.neuron[121]! + 1);
calibration.measured.strengthInh.fill(0.187, placement.neuron[121]!, placement.neuron[121]! + 1);
const mapped = mapNetwork(network, placement, sharedCalibration(network, calibration));
const inputs: InputBatch = {
  samples: 2,
  offset: Int32Array.from([0, 2, 3]),
  time: Float64Array.from([2, 3.001, 4]),
  source: Int32Array.from([4, 0, 2]),
  id: Int32Array.from([0, 1]),
};

function empty(): Observation {
  return { duration: 38, inputs: spikeList(1), spikes: spikeList(1), voltages: voltageSamples(1) };
}

/** A recording with spikes [entry, tick, neuron of the network] and a code for each sample. */
function recording(
  spikes: readonly (readonly [number, number, number])[],
  code: (entry: number, k: number, i: number) => number = () => 80,
): Recording {
  const keep = mapped.circuits(["readout"]);
  const nominalTime = Float64Array.from([-1.4, 0.3, 2, 37.7, 38.5]);
  const codes = new Uint8Array(2 * nominalTime.length * keep.length);
  for (let at = 0; at < codes.length; at++) {
    const i = at % keep.length;
    const k = Math.floor(at / keep.length) % nominalTime.length;
    codes[at] = code(Math.floor(at / keep.length / nominalTime.length), k, i);
  }
  return {
    spikes: {
      count: spikes.length,
      entry: Int32Array.from(spikes, ([entry]) => entry),
      tick: Int32Array.from(spikes, ([, tick]) => tick),
      label: Uint16Array.from(spikes, ([, , neuron]) =>
        neuron < 0 ? 0x7ff : spikeLabel(mapped.config, placement.neuron[neuron]!),
      ),
    },
    cadc: {
      recordedNeurons: keep,
      samples: nominalTime.length,
      code: codes,
      nominalTime,
      // Of two entries in two hemispheres: each its own stamps, those of the readouts as named.
      time: Float64Array.from({ length: 4 * nominalTime.length }, (_, at) => {
        const own = Math.floor(at / nominalTime.length) % 2 === hemisphereOf(keep[0]!);
        return own ? nominalTime[at % nominalTime.length]! : Number.NaN;
      }),
    },
    health: HEALTH,
  };
}

function listed({
  count,
  time,
  index,
}: {
  count: number;
  time: Float64Array;
  index: Int32Array;
}): number[][] {
  return Array.from({ length: count }, (_, i) => [time[i]!, index[i]!]);
}

describe("decoding", () => {
  mapped.encode(inputs);

  it("reports the inputs as they were sent, on the 8 ns clock", () => {
    const observation = empty();
    mapped.decode(recording([]), 0, observation);
    expect(listed(observation.inputs)).toEqual([
      [2, 4],
      [375 * 0.008, 0],
    ]);
    mapped.decode(recording([]), 1, observation);
    expect(listed(observation.inputs)).toEqual([[4, 2]]);
  });

  it("finds each entry's spikes and takes the latency off", () => {
    const spikes = recording([
      [0, 500, 3],
      [0, 510, 119],
      [1, 260, 0],
    ]);
    const observation = empty();
    mapped.decode(spikes, 0, observation);
    expect(listed(observation.spikes)).toEqual([
      [4 - 0.08, 3],
      [4.08 - 0.08, 119],
    ]);
    mapped.decode(spikes, 1, observation);
    expect(listed(observation.spikes)).toEqual([[2.08 - 0.08, 0]]);
    expect(observation.spikes.count).toBe(1);
  });

  it("handles stamps before the sample and after its end, and labels that no neuron has", () => {
    const before = { ...mapped.counts };
    const observation = empty();
    mapped.decode(
      recording([
        [0, 3, 8],
        [0, 100, -1],
        [0, 4750, 9],
        [0, 4760, 10],
      ]),
      0,
      observation,
    );
    expect(listed(observation.spikes)).toEqual([
      [0, 8],
      [38 - 0.08, 9],
    ]);
    expect(mapped.counts.earlySpikes - before.earlySpikes).toBe(1);
    expect(mapped.counts.lateSpikes - before.lateSpikes).toBe(1);
    expect(mapped.counts.strayEvents - before.strayEvents).toBe(1);
  });

  it("gives samples in model volts, grouped by neuron, inside the sample only", () => {
    const observation = empty();
    mapped.decode(
      recording([], (entry, k, i) => 80 + 10 * entry + k + 20 * i),
      1,
      observation,
    );
    const { voltages } = observation;
    const times = [2 - 0.3, 37.7 - 0.3];
    expect(voltages.count).toBe(9);
    expect(Array.from(voltages.neuron.subarray(0, 9))).toEqual([120, 120, 120, 121, 121, 121, 122, 122, 122]);
    expect(Array.from(voltages.time.subarray(0, 3))).toEqual([0, ...times]);
    expect(voltages.value[0]).toBeCloseTo((91 - 80) / 70, 12);
    // Neuron 121 rests at 77 and is 10 % strong: one model unit is 77 LSB.
    expect(voltages.value[3]).toBeCloseTo((111 - 77) / (70 * 1.1), 12);
    expect(voltages.value[8]).toBeCloseTo((133 - 80) / 70, 12);
  });
});
