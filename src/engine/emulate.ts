/** Runs given weights on given input spikes, without training, and writes what was observed. */

import type { Report } from "../core/progress.ts";
import type { Experiment } from "../experiment/schema.ts";
import type { Network } from "../network/network.ts";
import type { InputBatch, VoltageNeed } from "../network/observation.ts";
import { chipCalibrations } from "./chip-calibrations.ts";
import { noCost } from "./forward.ts";
import { openForward } from "./open-forward.ts";
import { openRecording } from "./recording-files.ts";

export interface EmulateRequest {
  readonly experiment: Experiment;
  /** With nominal constants. */
  readonly network: Network;
  readonly weights: Float64Array;
  readonly inputs: InputBatch;
  readonly folder: string;
  readonly report: Report;
}

/** Membrane samples per neuron in software: as many as a chip's converter takes in 38 µs at its 2 µs. */
const SOFTWARE_SAMPLES = 19;

/** @returns weights that the substrate clipped */
export async function emulate(request: EmulateRequest): Promise<{ readonly saturated: number }> {
  const { experiment, network, weights, inputs, folder, report } = request;
  const calibrations = await chipCalibrations(experiment, report);
  const all: VoltageNeed = { kind: "grid", period: network.duration / SOFTWARE_SAMPLES };
  const { forward } = await openForward(experiment, network, calibrations, ({ populations }) =>
    populations.map(() => all),
  );
  const { saturated } = await forward.load(weights);
  const recording = openRecording(folder, network);
  try {
    const step = Math.max(1, Math.ceil(inputs.samples / 100));
    await forward.observe(
      inputs,
      0,
      (sample, observation) => {
        recording.append(sample, observation);
        if ((sample + 1) % step === 0)
          report({ kind: "step", unit: "sample", done: sample + 1, total: inputs.samples });
      },
      noCost(),
    );
    recording.finish();
  } catch (error) {
    recording.discard();
    throw error;
  } finally {
    await forward.close();
  }
  return { saturated };
}
