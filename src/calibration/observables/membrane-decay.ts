/**
 * Membrane time constant: a driven spike, a refractory time that outlasts the synaptic current, and then the way
 * from reset to leak, which is exponential with τ_mem alone. Traces are folded at the end of each neuron's own
 * refractory time and fitted (fits.ts).
 *
 * Synaptic time constants are set short, so that nothing is left of the drive at the release; leak and reset are moved
 * apart for a large amplitude, and the threshold out of the way above.
 */

import { LEAK_TRANSFER, RESET_TRANSFER, synapticTauCode, THRESHOLD_TRANSFER } from "../../chip/nominal.ts";
import type { Microseconds } from "../../core/units.ts";
import { clamp } from "../search.ts";
import type { CalibrationSession } from "../session.ts";
import { dithered, shifted, type WordChange } from "../words.ts";
import { DRIVE, refractorySetting } from "./drive.ts";
import {
  type DecayConditions,
  type DecayMeasurement,
  readParallelDecays,
  readSingleDecays,
} from "./released-traces.ts";

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
export async function readMembraneTau(
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
