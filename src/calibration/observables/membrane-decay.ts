/**
 * Membrane time constant: a driven spike, a refractory time that outlasts the synaptic current, and then the way
 * from reset to leak, which is exponential with τ_mem alone. Samples are folded at the end of each neuron's own
 * refractory time and fitted (fits.ts).
 *
 * Synaptic time constants are set as short as they go, so that nothing is left of the drive at the release; leak
 * and reset are moved apart for a large amplitude, and the threshold out of the way above.
 */

import { NEURONS } from "../../chip/limits.ts";
import type { Microseconds } from "../../core/units.ts";
import { fitDecay } from "../fits.ts";
import { LEAK_SLOPE, RESET_SLOPE, synapseTauCode, THRESHOLD_SLOPE } from "../nominal.ts";
import { dithered, shifted, type WordChange } from "../words.ts";
import type { Workbench } from "../workbench.ts";
import { DRIVE, DRIVE_LENGTH, driveTrain, refractoryPeriod, refractoryWords } from "./drive.ts";
import { createFoldedTrace, createMeanLevel } from "./mean-trace.ts";
import { forEachSpike } from "./spikes.ts";

const HOLD: Microseconds = 10;
const TAU_SYN: Microseconds = 0.6;
/** Potentials of this measurement, LSB. */
const LEAK = 125;
const RESET = 45;
const THRESHOLD = 165;
/** Decays are watched for so many expected time constants. */
const WATCH = 6;
/** Time constants that are told apart, relative to the expected one. */
const SHORTEST = 1 / 8;
const LONGEST = 8;

export interface DecayExposure {
  readonly runs: number;
  readonly entries: number;
}

/** µs per neuron (512). NaN: no decay seen. @param expected τ for which the recording is laid out */
export async function readMembraneTau(
  bench: Workbench,
  change: WordChange,
  expected: Microseconds,
  { runs, entries }: DecayExposure,
): Promise<Float64Array> {
  const { target, words, draws } = bench;
  const { cycles, scale } = refractoryWords(HOLD);
  const held = cycles * refractoryPeriod(scale);
  const lead = 2;
  const watch = Math.max(WATCH * expected, 15);
  const interval = DRIVE_LENGTH + held + watch + 2;
  const memory = lead + interval < 150 ? "sram" : "dram";
  const repeats = Math.max(1, Math.floor((memory === "sram" ? 150 - lead : 2 * interval) / interval));
  await bench.configure(
    {
      leak: shifted(words.neurons.leak, (LEAK - target.leak) / LEAK_SLOPE),
      reset: shifted(words.neurons.reset, (RESET - target.reset) / RESET_SLOPE),
      threshold: shifted(words.neurons.threshold, (THRESHOLD - target.threshold) / THRESHOLD_SLOPE),
      synExcTau: dithered(synapseTauCode(TAU_SYN, false), draws),
      synInhTau: dithered(synapseTauCode(TAU_SYN, false), draws),
      synHighResistance: 0,
      ...change,
      thresholdOn: 1,
      eventsOn: 1,
      refractoryCycles: cycles,
    },
    { stimulus: DRIVE, refractoryClockScale: scale },
  );
  const starts = Array.from({ length: repeats }, (_, k) => lead + k * interval);
  const period = memory === "sram" ? 1.7 : 6;
  const fold = createFoldedTrace(Math.max(6, Math.floor(watch / period)));
  const exposure = {
    runs,
    entries,
    duration: lead + repeats * interval,
    // Equivalent-time sampling also where the converter has no jitter of its own.
    events: (entry: number) => starts.flatMap((start) => driveTrain(start + (entry * period) / entries)),
    spikes: true,
    cadc: { memory },
  } as const;
  const rest = createMeanLevel();
  let sampling = period;
  await bench.expose(exposure, ({ spikes, cadc }) => {
    if (cadc === undefined) return;
    sampling = (cadc.nominalTime[1] as number) - (cadc.nominalTime[0] as number);
    rest.add(cadc, Number.NEGATIVE_INFINITY, lead - period);
    forEachSpike(spikes, (neuron, entry, time) => {
      const release = time + held;
      fold.addOne(cadc, entry, neuron, release, release + watch);
    });
  });
  const level = rest.mean();
  const options = { period: sampling, shortest: expected * SHORTEST, longest: expected * LONGEST };
  return Float64Array.from({ length: NEURONS }, (_, neuron) => {
    const { value, weight } = fold.trace(neuron);
    return fitDecay(value, weight, 0, fold.length, {
      ...options,
      rest: { value: level[neuron] as number, weight: rest.count },
    }).tau;
  });
}
