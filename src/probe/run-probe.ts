/**
 * Runs a probe on a chip through the `Chip` seam alone. Every event of an input reaches `synapses` synapses on each named
 * neuron: it enters by link 0, all drivers of both hemispheres take it (mask 0), and its label, 1 … 63, picks the
 * synapses. Drivers are given to the inputs one after the other; their even row is excitatory, their odd row inhibitory.
 */

import type { Calibration, CalibrationTarget } from "../calibration/types.ts";
import { copyConfig } from "../chip/config.ts";
import { columnOf, hemisphereOf, neuronLabel } from "../chip/coordinates.ts";
import { defaultAddress, defaultConfig } from "../chip/default-config.ts";
import { openChip } from "../chip/index.ts";
import {
  COLUMNS,
  CROSSBAR_L2_INPUT,
  CROSSBAR_L2_OUTPUT,
  CROSSBAR_OUTPUTS,
  EVENT_OUTPUTS,
  MADC_PERIOD_US,
  NEURONS,
  PADI_BUSES,
  ROWS,
  ROWS_PER_DRIVER,
  TICK_US,
} from "../chip/limits.ts";
import {
  type Chip,
  type ChipConfig,
  type NeuronWords,
  type Recording,
  ROW_EXCITATORY,
  ROW_INHIBITORY,
  type RunOptions,
  type SpikeBatch,
} from "../chip/types.ts";
import { noiseRun } from "../core/noise-runs.ts";
import type { Microseconds } from "../core/units.ts";
import type { ProbeFile, ProbeInput } from "./probe-file.ts";

/** What one neuron did in one run. */
export interface ProbedNeuron {
  /** Of the sweep; 0 without one. */
  readonly value: number;
  readonly repeat: number;
  readonly neuron: number;
  /** Samples of the converter: µs from the start of the run, and codes. */
  readonly time: readonly Microseconds[];
  readonly code: readonly number[];
  readonly spikes: readonly Microseconds[];
}

/** @param calibrate gives the calibration of the chip for a target */
export async function runProbe(
  probe: ProbeFile,
  calibrate: (chip: Chip, target: CalibrationTarget) => Promise<Calibration>,
): Promise<ProbedNeuron[]> {
  const chip = await openChip(probe.chip);
  try {
    const calibration = probe.target === undefined ? undefined : await calibrate(chip, probe.target);
    const found: ProbedNeuron[] = [];
    let run = 0;
    for (const value of probe.sweep?.values ?? [0]) {
      const { config, inputs } = configOf(probe, calibration, value);
      await chip.configure(config);
      const batch = batchOf(inputs, probe.duration);
      for (let repeat = 0; repeat < probe.repeats; repeat++) {
        for (const [neurons, options] of recordings(probe)) {
          const noiseKey = { run: noiseRun("study", run++), sample: Int32Array.of(0) };
          const recording = await chip.run(batch, { spikes: true, noiseKey, ...options });
          for (const neuron of neurons) found.push({ value, repeat, neuron, ...observed(recording, neuron) });
        }
      }
    }
    return found;
  } finally {
    await chip.close();
  }
}

/** The runs that a recording takes: which neurons each one observes, and how. */
function recordings({ record, memory, neurons }: ProbeFile): [readonly number[], Partial<RunOptions>][] {
  if (record === "madc") return neurons.map((neuron) => [[neuron], { madc: { neuron, source: "membrane" } }]);
  if (record === "spikes") return [[neurons, {}]];
  return [[neurons, { cadc: { memory, recordedNeurons: Int32Array.from(neurons) } }]];
}

function observed({ spikes, cadc, madc }: Recording, neuron: number) {
  const label = neuronLabel(neuron, defaultAddress(neuron));
  const own: number[] = [];
  for (let i = 0; i < spikes.count; i++) if (spikes.label[i] === label) own.push(spikes.tick[i]! * TICK_US);
  if (madc !== undefined) {
    const code = Array.from(madc.code);
    return { spikes: own, code, time: code.map((_, k) => k * MADC_PERIOD_US) };
  }
  if (cadc === undefined) return { spikes: own, code: [], time: [] };
  const column = cadc.recordedNeurons.indexOf(neuron);
  const code = Array.from(
    { length: cadc.samples },
    (_, k) => cadc.code[k * cadc.recordedNeurons.length + column]!,
  );
  return { spikes: own, code, time: Array.from(cadc.nominalTime.subarray(0, cadc.samples)) };
}

/** All words for one value of the sweep. */
function configOf(
  { neurons, words, inputs: given, sweep }: ProbeFile,
  calibration: Calibration | undefined,
  value: number,
): { readonly config: ChipConfig; readonly inputs: readonly ProbeInput[] } {
  const config: ChipConfig = { ...defaultConfig(), ...copyConfig({ ...calibration?.words }) };
  const neuronWords: NeuronWords = config.neurons;
  const changed: Record<string, number> = { eventsOn: 1, ...words };
  let inputs = given;
  if (sweep?.of === "weight" || sweep?.of === "synapses")
    inputs = given.map((input, i) => (i === 0 ? { ...input, [sweep.of]: value } : input));
  else if (sweep !== undefined) changed[sweep.of] = value;
  for (let neuron = 0; neuron < NEURONS; neuron++) neuronWords.address[neuron] = defaultAddress(neuron);
  for (const [name, word] of Object.entries(changed)) {
    if (name === "synapseDacBias") config.quadrants.synapseDacBias.fill(word);
    else for (const neuron of neurons) neuronWords[name as keyof NeuronWords][neuron] = word;
  }
  writeRouting(config);
  writeSynapses(config, neurons, inputs);
  return { config, inputs };
}

function writeRouting({ routing }: ChipConfig): void {
  routing.driverMask.fill(0);
  routing.rowMode.forEach((_, row) => {
    routing.rowMode[row] = row % ROWS_PER_DRIVER === 0 ? ROW_EXCITATORY : ROW_INHIBITORY;
  });
  for (let bus = 0; bus < 2 * PADI_BUSES; bus++)
    routing.nodeOn[CROSSBAR_L2_INPUT * CROSSBAR_OUTPUTS + bus] = 1;
  for (let output = 0; output < EVENT_OUTPUTS; output++)
    routing.nodeOn[output * CROSSBAR_OUTPUTS + CROSSBAR_L2_OUTPUT + (output % PADI_BUSES)] = 1;
}

function writeSynapses(
  { synapses }: ChipConfig,
  neurons: readonly number[],
  inputs: readonly ProbeInput[],
): void {
  let driver = 0;
  inputs.forEach(({ sign, weight, synapses: count }, i) => {
    for (const end = driver + count; driver < end; driver++) {
      const row = driver * ROWS_PER_DRIVER + (sign === "excitatory" ? 0 : 1);
      for (const neuron of neurons) {
        const at = (hemisphereOf(neuron) * ROWS + row) * COLUMNS + columnOf(neuron);
        synapses.weight[at] = weight;
        synapses.label[at] = i + 1;
      }
    }
  });
}

function batchOf(inputs: readonly ProbeInput[], duration: Microseconds): SpikeBatch {
  const events = inputs
    .flatMap(({ times }, i) => times.map((time) => ({ tick: Math.round(time / TICK_US), label: i + 1 })))
    .sort((a, b) => a.tick - b.tick);
  return {
    entries: 1,
    duration: Math.ceil(duration / TICK_US - 1e-6),
    offset: Int32Array.of(0, events.length),
    tick: Int32Array.from(events, ({ tick }) => tick),
    label: Uint16Array.from(events, ({ label }) => label),
  };
}
