/**
 * Pulse strength of each synapse driver: the area of the potentials that events over its two rows cause, averaged
 * over all neurons of the hemisphere. The time constants are made short, so that an entry has room for many drivers.
 */

import { COLUMNS, DRIVERS, HEMISPHERES, NEURONS, PADI_BUSES } from "../../chip/limits.ts";
import type { CadcRecording } from "../../chip/types.ts";
import { leakWords, synapseTauCode } from "../nominal.ts";
import { driverOf, type Sign, stimulusLabel } from "../stimulus.ts";
import { dithered } from "../words.ts";
import type { Workbench } from "../workbench.ts";
import { QUIET } from "./rest.ts";

const TAU = 2;
const INTERVAL = 14;
const LEAD = 2;
const PER_ENTRY = 10;
const SIGNS: readonly Sign[] = ["exc", "inh"];
/** One event per driver and sign. */
const EVENTS = SIGNS.length * DRIVERS;
const ENTRIES = Math.ceil(EVENTS / PER_ENTRY);

/** Response to driver [hemisphere · 128 + driver] (256), LSB · samples; neurons of one half see only its drivers. */
export async function readDriverPulses(bench: Workbench, runs: number): Promise<Float64Array> {
  const membrane = leakWords(TAU);
  await bench.configure(
    {
      leakBias: dithered(membrane.leakBias, bench.draws),
      leakDivide: membrane.leakDivide,
      leakMultiply: membrane.leakMultiply,
      synExcTau: dithered(synapseTauCode(TAU, false), bench.draws),
      synInhTau: dithered(synapseTauCode(TAU, false), bench.draws),
      synHighResistance: 0,
      ...QUIET,
    },
    { stimulus: { group: 1, weight: 63 } },
  );
  const area = new Float64Array(SIGNS.length * HEMISPHERES * DRIVERS);
  const exposure = {
    runs,
    entries: ENTRIES,
    duration: LEAD + PER_ENTRY * INTERVAL,
    events: (entry: number) =>
      slotsOf(entry).map((slot, k) => ({ time: LEAD + k * INTERVAL, label: labelOf(slot) })),
    cadc: { memory: "sram" },
  } as const;
  await bench.expose(exposure, ({ cadc }) => {
    if (cadc === undefined) return;
    for (let entry = 0; entry < ENTRIES; entry++) addAreas(cadc, entry, area);
  });
  return combine(area, runs);
}

/** Indices of the events in an entry; events beyond the last are left out. */
function slotsOf(entry: number): number[] {
  const slots = Array.from({ length: PER_ENTRY }, (_, k) => entry * PER_ENTRY + k);
  return slots.filter((slot) => slot < EVENTS);
}

function signOf(slot: number): Sign {
  return SIGNS[slot % SIGNS.length] as Sign;
}

function labelOf(slot: number): number {
  const driver = Math.floor(slot / SIGNS.length);
  return stimulusLabel(driver % PADI_BUSES, Math.floor(driver / PADI_BUSES), signOf(slot));
}

/** Adds, per event and hemisphere, the mean over neurons of the samples in its interval above the rest before it all. */
function addAreas({ code, samples, nominalTime }: CadcRecording, entry: number, area: Float64Array): void {
  const start = nominalTime[0]!;
  const period = nominalTime[1]! - start;
  const sampleAt = (time: number): number => Math.min(samples, Math.ceil((time - start) / period));
  const level = (hemisphere: number, from: number, to: number): number => {
    let sum = 0;
    for (let k = from; k < to; k++) {
      const at = (entry * samples + k) * NEURONS + hemisphere * COLUMNS;
      for (let column = 0; column < COLUMNS; column++) sum += code[at + column]!;
    }
    return sum / (to - from) / COLUMNS;
  };
  slotsOf(entry).forEach((slot, k) => {
    const driver = driverOf(
      Math.floor(slot / SIGNS.length) % PADI_BUSES,
      Math.floor(slot / SIGNS.length / PADI_BUSES),
    );
    // The interval before the first event ends one period early: samples may come late by that much.
    const from = sampleAt(LEAD + k * INTERVAL);
    const to = sampleAt(LEAD + (k + 1) * INTERVAL - period);
    for (let hemisphere = 0; hemisphere < HEMISPHERES; hemisphere++) {
      const rest = level(hemisphere, 0, sampleAt(LEAD - period));
      const index = (hemisphere * DRIVERS + driver) * SIGNS.length + (slot % SIGNS.length);
      area[index]! += Math.abs(level(hemisphere, from, to) - rest) * (to - from);
    }
  });
}

/** Mean over the signs, per event. */
function combine(area: Float64Array, runs: number): Float64Array {
  const count = SIGNS.length;
  return Float64Array.from({ length: area.length / count }, (_, driver) => {
    let sum = 0;
    for (let sign = 0; sign < count; sign++) sum += area[driver * count + sign]!;
    return sum / count / runs;
  });
}
