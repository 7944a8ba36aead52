/**
 * Synaptic time constants: behind a fast membrane the potential follows the synaptic current, so after a few τ_mem
 * a postsynaptic potential decays with τ_syn alone. Samples are folded at the events and fitted (fits.ts). The
 * stimulus stays where the synaptic input is linear.
 */

import { NEURONS, PADI_BUSES } from "../../chip/limits.ts";
import type { Microseconds } from "../../core/units.ts";
import { fitDecay } from "../fits.ts";
import { leakWords, strengthAt } from "../nominal.ts";
import { type Sign, stimulusLabel } from "../stimulus.ts";
import { dithered, type WordChange } from "../words.ts";
import type { Workbench } from "../workbench.ts";
import { createFoldedTrace, createMeanLevel } from "./mean-trace.ts";
import type { DecayExposure } from "./membrane-decay.ts";
import { QUIET } from "./rest.ts";

/** Synaptic current after an event, LSB/µs, per sign: the inhibitory input saturates earlier. */
const CURRENT: Readonly<Record<Sign, number>> = { exc: 20, inh: 14 };
const GROUP = 8;
/** Fits begin so many membrane time constants after the event. */
const CLEAR = 5;
const WATCH = 5;
const SHORTEST = 1 / 8;
const LONGEST = 8;

/** Membrane fast enough for τ_syn and slow enough to be seen by the CADC. */
function membraneTau(expected: Microseconds): Microseconds {
  return Math.min(1.5, expected / 5);
}

/** µs per neuron (512). NaN: no decay seen. @param expected τ for which the recording is laid out */
export async function readSynapticTau(
  bench: Workbench,
  sign: Sign,
  change: WordChange,
  expected: Microseconds,
  { runs, entries }: DecayExposure,
): Promise<Float64Array> {
  const tauMem = membraneTau(expected);
  const membrane = leakWords(tauMem);
  const clear = CLEAR * tauMem;
  const watch = WATCH * expected;
  const interval = clear + watch;
  const lead = 3;
  const memory = lead + interval < 150 ? "sram" : "dram";
  const repeats = Math.max(1, Math.floor((memory === "sram" ? 150 - lead : 2 * interval) / interval));
  const { synapseGm, synapseDacBias } = bench.target;
  const weight = Math.round(CURRENT[sign] / (GROUP * strengthAt(synapseGm, synapseDacBias)));
  await bench.configure(
    {
      leakBias: dithered(membrane.leakBias, bench.draws),
      leakDivide: membrane.leakDivide,
      leakMultiply: membrane.leakMultiply,
      synExcOn: sign === "exc" ? 1 : 0,
      synInhOn: sign === "inh" ? 1 : 0,
      ...change,
      ...QUIET,
    },
    { stimulus: { group: GROUP, weight: Math.min(63, Math.max(1, weight)) } },
  );
  const period = memory === "sram" ? 1.7 : 6;
  const times = (entry: number): number[] =>
    Array.from({ length: repeats }, (_, k) => lead + k * interval + (entry * period) / entries);
  const fold = createFoldedTrace(Math.floor(watch / period));
  const exposure = {
    runs,
    entries,
    duration: lead + repeats * interval + period,
    events: (entry: number) =>
      times(entry).map((time, k) => ({ time, label: stimulusLabel((entry + k) % PADI_BUSES, 0, sign) })),
    cadc: { memory },
  } as const;
  const rest = createMeanLevel();
  let sampling = period;
  await bench.expose(exposure, ({ cadc }) => {
    if (cadc === undefined) return;
    sampling = (cadc.nominalTime[1] as number) - (cadc.nominalTime[0] as number);
    rest.add(cadc, Number.NEGATIVE_INFINITY, lead - period);
    for (let entry = 0; entry < entries; entry++) {
      for (const time of times(entry)) fold.addAll(cadc, entry, time + clear);
    }
  });
  const level = rest.mean();
  const options = { period: sampling, shortest: expected * SHORTEST, longest: expected * LONGEST };
  return Float64Array.from({ length: NEURONS }, (_, neuron) => {
    const { value, weight: counts } = fold.trace(neuron);
    return fitDecay(value, counts, 0, fold.length, {
      ...options,
      rest: { value: level[neuron] as number, weight: rest.count },
    }).tau;
  });
}
