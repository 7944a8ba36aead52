/** Runs given weights on given input spikes, without training, and writes what was observed. */

import type { Report } from "../core/progress.ts";
import type { Experiment } from "../experiment/schema.ts";
import type { Network } from "../network/network.ts";
import type { InputBatch, RecordingRequest } from "../network/observation.ts";
import { chipCalibrations } from "./chip-calibrations.ts";
import { observedRow } from "./epoch-totals.ts";
import { spikeCounter } from "./evaluation.ts";
import { noCost, substrateOf } from "./executor.ts";
import { openRecording, SOFTWARE_SAMPLES } from "./recording-files.ts";
import { createWatch, type Warning } from "./warnings.ts";

export interface EmulateRequest {
  readonly experiment: Experiment;
  /** With nominal constants. */
  readonly network: Network;
  readonly weights: Float64Array;
  readonly inputs: InputBatch;
  readonly folder: string;
  readonly report: Report;
}

export interface EmulateOutcome {
  /** Weights that the substrate clipped. */
  readonly saturated: number;
  /** What made the network answer other than its weights say. */
  readonly warnings: readonly Warning[];
}

export async function emulate(request: EmulateRequest): Promise<EmulateOutcome> {
  const { experiment, network, weights, inputs, folder, report } = request;
  const calibrations = await chipCalibrations(experiment, report);
  const all: RecordingRequest = { kind: "grid", period: network.duration / SOFTWARE_SAMPLES };
  const executor = await substrateOf(experiment, network, calibrations).open(
    network.populations.map(() => all),
  );
  const loaded = await executor.load(weights);
  const cost = noCost();
  const spikes = new Float64Array(network.neurons);
  const silentEntries = new Int32Array(network.populations.length);
  const countSpikes = spikeCounter({ network, spikes, silentEntries });
  const recording = openRecording(folder, network);
  try {
    const step = Math.max(1, Math.ceil(inputs.samples / 100));
    await executor.observe(
      inputs,
      0,
      (sample, observation) => {
        recording.append(sample, observation);
        countSpikes(observation);
        if ((sample + 1) % step === 0)
          report({ kind: "step", unit: "sample", done: sample + 1, total: inputs.samples });
      },
      cost,
    );
    recording.finish();
  } catch (error) {
    recording.discard();
    throw error;
  } finally {
    await executor.close();
  }
  const { weightSteps } = executor;
  const row = observedRow("emulated", {
    network,
    samples: inputs.samples,
    cost,
    loaded,
    onChip: experiment.chip.kind !== "software",
    spikes,
    silentSamples: silentEntries,
    inputs: inputs.time.length,
  });
  return { saturated: loaded.saturated, warnings: createWatch({ network, weightSteps })(row) };
}
