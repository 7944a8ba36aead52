/** Membrane time constant: the way from reset to leak after a refractory time. */

import {
  LEAK_TRANSFER,
  leakSetting,
  RESET_TRANSFER,
  synapticTauCode,
  TAU_MEM_EXPONENT,
  THRESHOLD_TRANSFER,
} from "../../chip/nominal.ts";
import type { Microseconds } from "../../core/units.ts";
import {
  type DecayConditions,
  type DecayMeasurement,
  DRIVE,
  readParallelDecays,
  readSingleDecays,
  refractorySetting,
} from "../released-traces.ts";
import { clamp, type Effort, followPowerLaw } from "../search.ts";
import type { CalibrationSession } from "../session.ts";
import { dithered, shifted, type WordChange } from "../words.ts";
import { type CalibratedParameter, type CalibrationStep, relativeResidual } from "./parameter.ts";

const MEASUREMENTS: Readonly<Record<Effort, DecayMeasurement>> = {
  quick: { runs: 1, entries: 4 },
  normal: { runs: 1, entries: 12 },
  thorough: { runs: 1, entries: 32 },
};
const TOLERANCE = 0.09;

export const tauMem: CalibratedParameter = {
  name: "tauMem",
  unit: "us",
  register: "leakBias",
  option: {
    summary: "Time constant of the membrane.",
    unit: "us",
    defaultValue: 6,
    accepted: [0.5, 60],
    possible: [0.1, 2000],
  },
  goal: (target) => target.tauMem,
  tolerance: (goal) => TOLERANCE * goal,
  residual: relativeResidual(0.03, TAU_MEM_EXPONENT),
  measure: (session, change) =>
    readMembraneTau(session, change, session.target.tauMem, { runs: 2, entries: 32 }),
};

export function tauMemStep(after: CalibrationStep["after"]): CalibrationStep {
  return {
    name: "tau-mem",
    summary: "membrane time constant, from the way between reset and leak",
    after,
    tolerance: TOLERANCE,
    unit: "relative",
    async run({ session, measured }) {
      const { target, words, draws } = session;
      const { leakBias, leakDivide, leakMultiply } = leakSetting(target.tauMem);
      words.neurons.leakDivide.fill(leakDivide);
      words.neurons.leakMultiply.fill(leakMultiply);
      const measure = (code: Uint16Array, effort: Effort): Promise<Float64Array> =>
        readMembraneTau(session, { leakBias: code }, target.tauMem, MEASUREMENTS[effort]);
      const start = dithered(leakBias, draws);
      const before = await measure(start, "thorough");
      const found = await followPowerLaw(start, target.tauMem, measure);
      words.neurons.leakBias.set(found.code);
      measured.tauMem = await measure(words.neurons.leakBias, "thorough");
      return { target: target.tauMem, before, after: measured.tauMem };
    },
  };
}

// The measurement -------------------------------------------------------------------------------------------

// Membrane time constant: a driven spike, a refractory time that outlasts the synaptic current, and then the way
// from reset to leak, which is exponential with τ_mem alone. Traces are folded at the end of each neuron's own
// refractory time and fitted (fits.ts).
//
// Synaptic time constants are set short, so that nothing is left of the drive at the release. Leak and reset are moved
// apart for a large amplitude. The threshold is moved up, out of the way.

/** Below this the CADC has too few samples per decay, and the fast converter reads one neuron after the other. */
const FAST: Microseconds = 3;
const HOLD: Microseconds = 10;
const TAU_SYN: Microseconds = 0.6;
/** Potentials of this measurement, LSB. */
const LEAK = 125;
const RESET = 45;
/** Threshold above the leak: what a saturated drive of some 50 LSB/µs surely lifts, at most 40. */
const REACH_PER_TAU = 20;
const REACH = [12, 40] as const;
/** Decays are watched for so many expected time constants. */
const WATCH = 6;
/**
 * Equal neurons fire at once, and their events do not all fit through the event outputs. Where more than a few stay
 * silent, they are driven again without the others.
 */
const FEW = 16;
const ROUNDS = 3;

/** µs per neuron (512). NaN: no decay seen. @param expected τ for which the recording is laid out */
async function readMembraneTau(
  session: CalibrationSession,
  change: WordChange,
  expected: Microseconds,
  measurement: DecayMeasurement,
): Promise<Float64Array> {
  const { counter, scale, held } = refractorySetting(HOLD);
  const conditions: DecayConditions = {
    expected,
    held,
    watch: Math.max(WATCH * expected, 2),
  };
  const potentials = separatedPotentials(session, expected);
  const read = async (eventsOn: number | Uint8Array): Promise<Float64Array> => {
    await session.configure(
      { ...potentials, ...change, refractoryCounter: counter, eventsOn },
      { stimulus: DRIVE, fastClock: scale },
    );
    return expected < FAST
      ? readSingleDecays(session, conditions)
      : readParallelDecays(session, conditions, measurement);
  };
  const tau = await read(1);
  for (let round = 0; round < ROUNDS; round++) {
    const silent = Uint8Array.from(tau, (value) => (Number.isNaN(value) ? 1 : 0));
    if (silent.reduce((sum, one) => sum + one, 0) <= FEW) break;
    const again = await read(silent);
    for (let neuron = 0; neuron < tau.length; neuron++) {
      if (silent[neuron] === 1) tau[neuron] = again[neuron]!;
    }
  }
  return tau;
}

function separatedPotentials(
  { target, words, draws }: CalibrationSession,
  expected: Microseconds,
): WordChange {
  const threshold = LEAK + clamp(REACH_PER_TAU * expected, REACH[0], REACH[1]);
  return {
    leak: shifted(words.neurons.leak, (LEAK - target.leak) / LEAK_TRANSFER.slope),
    reset: shifted(words.neurons.reset, (RESET - target.reset) / RESET_TRANSFER.slope),
    threshold: shifted(words.neurons.threshold, (threshold - target.threshold) / THRESHOLD_TRANSFER.slope),
    synExcTau: dithered(synapticTauCode("exc", TAU_SYN, false), draws),
    synInhTau: dithered(synapticTauCode("inh", TAU_SYN, false), draws),
    synExcHighResistance: 0,
    synInhHighResistance: 0,
    thresholdOn: 1,
  };
}
