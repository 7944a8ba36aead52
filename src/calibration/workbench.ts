/**
 * The workbench of a calibration: a chip, the words found so far, and the routine of measuring: write words, run a
 * batch several times, hand each recording to whoever averages. Everything that varies from run to run averages
 * over runs, everything faster over the entries of a batch.
 *
 * Reaches the chip through the `Chip` seam alone. Runs are numbered, so that a simulated chip repeats its noise.
 */

import { defaultAddress, defaultConfig } from "../chip/default-config.ts";
import { NEURONS, TICK_US } from "../chip/limits.ts";
import type { CadcOptions, Chip, Recording, RunOptions, SpikeBatch } from "../chip/types.ts";
import { type Stream, stream } from "../core/random.ts";
import type { Microseconds } from "../core/units.ts";
import { leakCode, resetCode, thresholdCode } from "./nominal.ts";
import { type StimulusOptions, silentRouting, stimulusRouting, stimulusSynapses } from "./stimulus.ts";
import type { CalibratedWords, CalibrationTarget } from "./types.ts";
import { changeWords, copyCalibrated, type WordChange, type WorkingWords } from "./words.ts";

/** An event of the host. */
export interface HostEvent {
  readonly time: Microseconds;
  readonly label: number;
}

/** One measurement: how often, how long, with which input, recording what. */
export interface Exposure {
  readonly runs: number;
  /** Batch entries per run. */
  readonly entries: number;
  readonly duration: Microseconds;
  /** Events of an entry of a run (both counted from 0), ascending in time; none when absent. */
  readonly events?: (entry: number, repeat: number) => readonly HostEvent[];
  readonly spikes?: boolean;
  readonly cadc?: Omit<CadcOptions, "keep">;
  readonly madc?: RunOptions["madc"];
}

/** What is known of the converters' and links' timing; refined while calibrating. */
export interface Timing {
  /** Mean true time of a CADC sample minus its nominal time, in sampling periods. */
  cadcLagPeriods: number;
  spikeLatency: Microseconds;
}

export interface Workbench {
  readonly target: CalibrationTarget;
  /** Words found so far; steps write into them. */
  readonly words: WorkingWords;
  readonly timing: Timing;
  readonly draws: Stream;
  /**
   * Writes the words found so far with `change` in them. Without `stimulus` no event reaches a neuron.
   * `refractoryClockScale` holds for this measurement only.
   */
  configure(change?: WordChange, options?: ConfigureOptions): Promise<void>;
  /** Runs the exposure; `consume` sees each recording before the next run overwrites it. */
  expose(exposure: Exposure, consume: (recording: Recording) => void): Promise<void>;
}

export interface ConfigureOptions {
  readonly stimulus?: StimulusOptions;
  readonly refractoryClockScale?: number;
}

/** Noise of calibration runs is drawn apart from that of experiments, which count from 0. */
const FIRST_RUN = 0x40000000;

export const ALL_NEURONS = Int32Array.from({ length: NEURONS }, (_, neuron) => neuron);

/** What a stored calibration lets a workbench start from. */
export interface WorkbenchStart {
  readonly words: CalibratedWords;
  readonly timing: Timing;
}

/** @param start words and timing to start from; those of a typical chip when absent */
export function createWorkbench(chip: Chip, target: CalibrationTarget, start?: WorkbenchStart): Workbench {
  const words = start === undefined ? startWords(target) : copyCalibrated(start.words);
  const timing = start === undefined ? { cadcLagPeriods: 0.5, spikeLatency: 0 } : { ...start.timing };
  let run = FIRST_RUN;
  let synapseWeight = -1;
  return {
    target,
    words,
    timing,
    draws: stream(0, "calibration"),
    async configure(change = {}, options = {}) {
      const { stimulus } = options;
      if (stimulus !== undefined && stimulus.weight !== synapseWeight) {
        await chip.configure({ synapses: stimulusSynapses(stimulus.weight) });
        synapseWeight = stimulus.weight;
      }
      await chip.configure({
        neurons: changeWords(words.neurons, change),
        quadrants: words.quadrants,
        cadcOffset: words.cadcOffset,
        refractoryClockScale: options.refractoryClockScale ?? words.refractoryClockScale,
        routing:
          stimulus === undefined
            ? silentRouting(words.driverOffset)
            : stimulusRouting(stimulus.group, words.driverOffset),
      });
    },
    async expose(exposure, consume) {
      const entry = Int32Array.from({ length: exposure.entries }, (_, index) => index);
      const { cadc, madc } = exposure;
      for (let repeat = 0; repeat < exposure.runs; repeat++) {
        const recording = await chip.run(batchOf(exposure, repeat), {
          spikes: exposure.spikes === true,
          ...(cadc === undefined ? {} : { cadc: { ...cadc, keep: ALL_NEURONS } }),
          ...(madc === undefined ? {} : { madc }),
          trial: { run: run++, entry },
        });
        consume(recording);
      }
    },
  };
}

/** Words of a typical circuit for the target, spiking off, with the addresses that spikes.ts reads. */
function startWords(target: CalibrationTarget): WorkingWords {
  const { neurons, quadrants, cadcOffset, routing, refractoryClockScale } = defaultConfig();
  quadrants.synapseDacBias.fill(target.synapseDacBias);
  neurons.leak.fill(leakCode(target.leak));
  neurons.reset.fill(resetCode(target.reset));
  neurons.threshold.fill(thresholdCode(target.threshold));
  for (let neuron = 0; neuron < NEURONS; neuron++) neurons.address[neuron] = defaultAddress(neuron);
  return { neurons, quadrants, cadcOffset, driverOffset: routing.driverOffset, refractoryClockScale };
}

function batchOf({ entries, duration, events }: Exposure, repeat: number): SpikeBatch {
  const offset = new Int32Array(entries + 1);
  const tick: number[] = [];
  const label: number[] = [];
  for (let entry = 0; entry < entries; entry++) {
    for (const event of events?.(entry, repeat) ?? []) {
      tick.push(Math.round(event.time / TICK_US));
      label.push(event.label);
    }
    offset[entry + 1] = tick.length;
  }
  return {
    entries,
    duration: Math.round(duration / TICK_US),
    offset,
    tick: Int32Array.from(tick),
    label: Uint16Array.from(label),
  };
}
