/**
 * The table of calibration steps in their order. Each names the steps that it builds on, and why; the general reason
 * is that of electronicvisions/calix:src/py/calix/spiking/neuron.py: what disturbs others comes first, what is easily
 * disturbed is refined at the end.
 */

import { PARAMETERS } from "../parameters/index.ts";
import { leakStep } from "../parameters/leak.ts";
import type { CalibratedParameter, CalibrationStep } from "../parameters/parameter.ts";
import { refractoryStep } from "../parameters/refractory.ts";
import { resetStep } from "../parameters/reset.ts";
import { strengthStep } from "../parameters/strength.ts";
import { tauMemStep } from "../parameters/tau-mem.ts";
import { tauSynStep } from "../parameters/tau-syn.ts";
import { thresholdStep } from "../parameters/threshold.ts";
import { cadcOffset, cadcRamp } from "./cadc.ts";
import { dacBias } from "./dac-bias.ts";
import { synapticOffsetStep } from "./synaptic-offset.ts";
import { cadcLag, spikeLatency } from "./timing.ts";

/** The steps whose places matter beyond what they build on: some run twice. */
const ORDERED: readonly CalibrationStep[] = [
  cadcRamp,
  cadcOffset,
  leakStep({
    name: "leak",
    summary: "leak potential, inputs off: binary search",
    after: [{ step: "cadc-offset", reason: "potentials are what the CADC reads" }],
    search: true,
    inputs: false,
  }),
  resetStep({
    name: "reset",
    summary: "reset potential after driven spikes: binary search",
    after: [{ step: "leak", reason: "the drive must lift all neurons over their thresholds" }],
    search: true,
  }),
  thresholdStep({
    name: "threshold",
    summary: "threshold from slow rises to a spike: binary search",
    after: [
      { step: "leak", reason: "leaks are moved a known distance above the threshold" },
      { step: "reset", reason: "the rise must begin well below the threshold" },
    ],
    search: true,
  }),
  synapticOffsetStep("exc", {
    search: true,
    after: [
      { step: "leak", reason: "offsets are differences of resting potentials inside the CADC's range" },
    ],
  }),
  synapticOffsetStep("inh", {
    search: true,
    after: [{ step: "leak", reason: "the same" }],
  }),
  tauSynStep("exc", []),
  tauSynStep("inh", []),
  dacBias,
  tauMemStep([
    { step: "threshold", reason: "a driven spike starts the decay" },
    { step: "reset", reason: "leak and reset are moved apart from known places" },
    { step: "synaptic-offset-exc", reason: "an uncompensated offset lifts the leak over the threshold" },
  ]),
  spikeLatency,
  cadcLag,
  strengthStep("exc", [
    { step: "tau-mem", reason: "the plateau is the strength times both time constants" },
    { step: "tau-syn-exc", reason: "the same" },
    { step: "dac-bias", reason: "DAC and input bias multiply; the input is left to equalise neurons" },
  ]),
  strengthStep("inh", [{ step: "strength-exc", reason: "inhibition is matched to excitation" }]),
  synapticOffsetStep("exc", {
    search: false,
    after: [{ step: "strength-exc", reason: "the offset current scales with the bias of the input" }],
  }),
  synapticOffsetStep("inh", {
    search: false,
    after: [{ step: "strength-inh", reason: "the same" }],
  }),
  resetStep({
    name: "reset-again",
    summary: "reset potential refined: line through probes",
    after: [
      {
        step: "synaptic-offset-inh-again",
        reason: "all words that disturb potentials have their final codes",
      },
    ],
    search: false,
  }),
  thresholdStep({
    name: "threshold-again",
    summary: "threshold refined: line through probes",
    after: [{ step: "cadc-lag", reason: "samples are compared with times of spikes" }],
    search: false,
  }),
  leakStep({
    name: "leak-again",
    summary: "leak potential refined, inputs on: line through probes",
    after: [
      { step: "tau-mem", reason: "the leak's potential depends on its bias" },
      { step: "synaptic-offset-inh-again", reason: "offsets of the inputs shift it" },
    ],
    search: false,
    inputs: true,
  }),
  refractoryStep,
];

/**
 * The table with the steps of further parameters, each directly behind the last one that it builds on, so that whatever
 * it disturbs is still refined afterwards.
 * @throws Error when a step builds on one that is not there
 */
export function withOwnSteps(
  steps: readonly CalibrationStep[],
  parameters: readonly Pick<CalibratedParameter, "step">[],
): readonly CalibrationStep[] {
  const order = [...steps];
  for (const { step } of parameters) {
    if (step === undefined) continue;
    const places = step.after.map(({ step: name }) => order.findIndex((one) => one.name === name));
    if (places.includes(-1))
      throw new Error(`the calibration step ${step.name} builds on a step that is not there`);
    order.splice(Math.max(-1, ...places) + 1, 0, step);
  }
  return order;
}

export const STEPS: readonly CalibrationStep[] = withOwnSteps(ORDERED, PARAMETERS);
