/**
 * One calibration in progress: a chip, the words found so far, and the routine of measuring, which writes words, runs a
 * batch several times and hands each recording to a reader that averages. Everything that varies from run to run averages
 * over runs, everything faster over the entries of a batch.
 *
 * Reaches the chip through the `Chip` seam alone. Runs are numbered, so that a simulated chip repeats its noise.
 */

import { defaultAddress, defaultConfig } from "../chip/default-config.ts";
import { CAPMEM_MAX, NEURONS, TICK_US } from "../chip/limits.ts";
import { LEAK_TRANSFER, potentialCode, RESET_TRANSFER, THRESHOLD_TRANSFER } from "../chip/nominal.ts";
import type { CadcOptions, Chip, Recording, RunOptions, SpikeBatch } from "../chip/types.ts";
import { eventLoopVisits } from "../core/event-loop.ts";
import { noiseRun } from "../core/noise-runs.ts";
import { type Stream, stream } from "../core/random.ts";
import type { Microseconds } from "../core/units.ts";
import { clamp } from "./search.ts";
import { type StimulusOptions, silentRouting, stimulusRouting, stimulusSynapses } from "./stimulus.ts";
import type { CalibratedWords, CalibrationTarget } from "./types.ts";
import { changeWords, copyCalibrated, type WordChange } from "./words.ts";

/** An event of the host. */
export interface HostEvent {
  readonly time: Microseconds;
  readonly label: number;
}

/** One measurement: how often, how long, with which input, recording what. */
export interface Measurement {
  readonly runs: number;
  /** Batch entries per run. */
  readonly entries: number;
  readonly duration: Microseconds;
  /** Events of an entry of a run (both counted from 0), ascending in time; none when absent. */
  readonly events?: (entry: number, repeat: number) => readonly HostEvent[];
  readonly spikes?: boolean;
  readonly cadc?: Omit<CadcOptions, "recordedNeurons">;
  readonly madc?: RunOptions["madc"];
}

/** What is known of the converters' and links' timing; refined while calibrating. */
export interface Timing {
  /** Mean true time of a CADC sample minus its nominal time, in sampling periods. */
  cadcLagPeriods: number;
  spikeLatency: Microseconds;
}

export interface CalibrationSession {
  readonly target: CalibrationTarget;
  /** Words found so far; steps write into them. */
  readonly words: CalibratedWords;
  readonly timing: Timing;
  readonly draws: Stream;
  /**
   * Writes the words found so far with `change` in them. Without `stimulus` no event reaches a neuron.
   * `fastClock`, the scale of the fast refractory clock, holds for this measurement only.
   */
  configure(change?: WordChange, options?: ConfigureOptions): Promise<void>;
  /** Whether reads of a constant voltage differ in time. */
  hasNoise(): Promise<boolean>;
  /** Runs the measurement; `consume` sees each recording before the next run overwrites it. */
  measure(measurement: Measurement, consume: (recording: Recording) => void): Promise<void>;
}

export interface ConfigureOptions {
  readonly stimulus?: StimulusOptions;
  readonly fastClock?: number;
}

/**
 * A mean of codes resolves fractions of a code only where noise moves the codes. A chip without noise has none, so
 * its converters are moved instead: by these steps of the ramp's offset, 5/12 LSB each, one per run. They are spread
 * evenly over fractions of a code, and their mean is 0.
 */
const DITHER: readonly number[] = [-6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6];
const NO_DITHER: readonly number[] = [0];
/** The reference voltage at which noise is looked for, in the middle of the range, and for how long, µs. */
const QUIET_REFERENCE = { code: 310, duration: 100 };

export const ALL_NEURONS = Int32Array.from({ length: NEURONS }, (_, neuron) => neuron);

/** What a stored calibration lets a session start from. */
export interface SessionStart {
  readonly words: CalibratedWords;
  readonly timing: Timing;
}

/** @param start words and timing to start from; those of a typical chip when absent */
export function openSession(chip: Chip, target: CalibrationTarget, start?: SessionStart): CalibrationSession {
  const words = start === undefined ? startWords(target) : copyCalibrated(start.words);
  const timing = start === undefined ? { cadcLagPeriods: 0.5, spikeLatency: 0 } : { ...start.timing };
  // The first one is that of the look for noise.
  let run = 1;
  const visitEventLoop = eventLoopVisits();
  let synapseWeight = -1;
  let noisy: boolean | undefined;

  /** Moves the ramps of all converters by `step` codes. */
  const moveRamps = (step: number): Promise<void> => {
    const cadcRampOffset = words.quadrants.cadcRampOffset.map((code) => clamp(code + step, 0, CAPMEM_MAX));
    return chip.configure({ quadrants: { ...words.quadrants, cadcRampOffset } });
  };

  const session: CalibrationSession = {
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
        refractoryClocks: Uint8Array.of(
          words.refractoryClocks[0]!,
          options.fastClock ?? words.refractoryClocks[1]!,
        ),
        routing: stimulus === undefined ? silentRouting() : stimulusRouting(stimulus.group),
      });
    },
    async measure(measurement, consume) {
      const sample = Int32Array.from({ length: measurement.entries }, (_, index) => index);
      const { cadc, madc } = measurement;
      // Reads of a reference need none: those that are searched lie on whole codes.
      const exact = cadc === undefined || cadc.reference !== undefined;
      const dither = exact || (await session.hasNoise()) ? NO_DITHER : DITHER;
      // Each step equally often.
      const runs = dither.length * Math.ceil(measurement.runs / dither.length);
      for (let repeat = 0; repeat < runs; repeat++) {
        if (dither.length > 1) await moveRamps(dither[repeat % dither.length]!);
        await visitEventLoop();
        const recording = await chip.run(batchOf(measurement, repeat), {
          spikes: measurement.spikes === true,
          ...(cadc === undefined ? {} : { cadc: { ...cadc, recordedNeurons: ALL_NEURONS } }),
          ...(madc === undefined ? {} : { madc }),
          noiseKey: { run: noiseRun("calibration", run++), sample },
        });
        consume(recording);
      }
      if (dither.length > 1) await moveRamps(0);
    },
    async hasNoise() {
      noisy ??= await readsVary(chip);
      return noisy;
    },
  };
  return session;
}

async function readsVary(chip: Chip): Promise<boolean> {
  const { code, duration } = QUIET_REFERENCE;
  const { cadc } = await chip.run(batchOf({ runs: 1, entries: 1, duration }, 0), {
    spikes: false,
    cadc: { memory: "sram", reference: code, recordedNeurons: ALL_NEURONS },
    noiseKey: { run: noiseRun("calibration", 0), sample: Int32Array.of(0) },
  });
  return cadc?.code.some((read, at) => read !== cadc.code[at % NEURONS]) ?? false;
}

/** Words of a typical circuit for the target, spiking off, with the addresses that traces.ts reads. */
function startWords(target: CalibrationTarget): CalibratedWords {
  const { neurons, quadrants, cadcOffset, refractoryClocks } = defaultConfig();
  quadrants.synapseDacBias.fill(target.synapseDacBias);
  neurons.leak.fill(potentialCode(LEAK_TRANSFER, target.leak));
  neurons.reset.fill(potentialCode(RESET_TRANSFER, target.reset));
  neurons.threshold.fill(potentialCode(THRESHOLD_TRANSFER, target.threshold));
  for (let neuron = 0; neuron < NEURONS; neuron++) neurons.address[neuron] = defaultAddress(neuron);
  return { neurons, quadrants, cadcOffset, refractoryClocks };
}

function batchOf({ entries, duration, events }: Measurement, repeat: number): SpikeBatch {
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
