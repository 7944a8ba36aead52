/**
 * Model constants of a placed network, and the voltage scale in which its membranes are read.
 *
 * On circuit j a total word W changes the membrane by s_j · W LSB/µs; with W = scale · w this is
 *
 *     τ_j dv/dt = −v + U g_j (I_w)        g_j = (τ_j s_j) / (τ s)        U = ϑ − leak of the target, LSB
 *
 * in LSB above its leak, where τ, s are the target's time constant and the median strength that the scale was
 * made with. So in units of U g_j LSB the neuron obeys the model with the weights as they are: a strong circuit
 * is one with a low threshold. `calibrated` uses that unit and the measured constants; `nominal` takes U and
 * the network's own constants for all. s_j is the mean of excitatory and inhibitory strength, which a
 * calibration matches to a few per cent. A neuron of coupled circuits has the mean strength of their inputs and the mean of
 * their synaptic time constants; its other constants are those of its first circuit, which has the leak and the threshold
 * (compile.ts keeps the total capacitance at what was calibrated).
 */

import type { Calibration, MeasuredNeurons } from "../calibration/types.ts";
import type { Network, NeuronConstants } from "../network/network.ts";
import { adexConstants, adexWords, type CircuitScale, type Extra, type ExtraName } from "./adex.ts";
import { type Calibrations, calibrationOf } from "./calibrations.ts";
import type { Placement } from "./placement.ts";

/** Whether estimators compute with what was measured on each circuit or with the experiment's constants. */
export type ConstantsKind = "calibrated" | "nominal";

export interface PlacedConstants {
  readonly constants: NeuronConstants;
  /** Of adaptation and the exponential current, as their words stand for them. */
  readonly extra: Network["extra"];
  /** LSB per model unit of each neuron. */
  readonly unit: Float64Array;
  /** LSB at model voltage 0 of each neuron, as measured. */
  readonly leak: Float64Array;
  /** µs, of each neuron as the calibration of its population measured them; see Calibration. */
  readonly spikeLatency: Float64Array;
  readonly cadcLag: Float64Array;
}

/**
 * Constants of each neuron of the network on its circuits. Where a measurement failed
 * (NaN) the target's value stands in.
 */
export function placedConstants(
  network: Network,
  { neuron, circuits }: Pick<Placement, "neuron" | "circuits">,
  calibrations: Calibrations,
  kind: ConstantsKind,
): PlacedConstants {
  const count = network.neurons;
  const calibrated = {
    tauMem: new Float64Array(count),
    tauSynExc: new Float64Array(count),
    tauSynInh: new Float64Array(count),
    threshold: new Float64Array(count),
    reset: new Float64Array(count),
    refractory: new Float64Array(count),
  };
  const names = extraNames(network);
  const extra = Object.fromEntries(names.map((name) => [name, network.extra[name].slice()])) as Record<
    ExtraName,
    Float64Array
  >;
  const unit = new Float64Array(count);
  const leak = new Float64Array(count);
  const spikeLatency = new Float64Array(count);
  const cadcLag = new Float64Array(count);
  for (const { name, model, start, size } of network.populations) {
    const calibration = calibrationOf(calibrations, name);
    const { target, strength } = calibration;
    const span = target.threshold - target.leak;
    spikeLatency.fill(calibration.spikeLatency, start, start + size);
    cadcLag.fill(calibration.cadcLag, start, start + size);
    for (let index = start; index < start + size; index++) {
      const circuit = neuron[index]!;
      const end = circuit + circuits[index]!;
      const measured = (key: keyof MeasuredNeurons): number => measuredValue(calibration, key, circuit);
      const tauMem = measured("tauMem");
      const exc = inputsOf(calibration, "strengthExc", "tauSynExc", circuit, end);
      const inh = inputsOf(calibration, "strengthInh", "tauSynInh", circuit, end);
      const drive = (exc.strength + inh.strength) / 2;
      const gain = kind === "nominal" ? 1 : (tauMem * drive) / (target.tauMem * strength);
      unit[index] = span * gain;
      leak[index] = measured("leak");
      calibrated.tauMem[index] = tauMem;
      calibrated.tauSynExc[index] = exc.tau;
      calibrated.tauSynInh[index] = inh.tau;
      calibrated.threshold[index] = model.spikes
        ? (measured("threshold") - measured("leak")) / unit[index]!
        : Number.POSITIVE_INFINITY;
      calibrated.reset[index] = (measured("reset") - measured("leak")) / unit[index]!;
      calibrated.refractory[index] = measured("refractory");
      if (model.closedForm) continue;
      const own = extraOf(network, index);
      const words = adexWords(own, goalScale(calibration, circuit));
      const realized = adexConstants(words, own, { leak: leak[index]!, unit: unit[index]!, tauMem });
      for (const key of names) extra[key][index] = realized[key];
    }
  }
  const constants = kind === "nominal" ? network.constants : calibrated;
  return { constants, extra: kind === "nominal" ? network.extra : extra, unit, leak, spikeLatency, cadcLag };
}

/** What one neuron has beyond LIF. */
export function extraOf(network: Network, index: number): Extra {
  return Object.fromEntries(extraNames(network).map((name) => [name, network.extra[name][index]!])) as Extra;
}

function extraNames({ extra }: Network): readonly ExtraName[] {
  return Object.keys(extra) as ExtraName[];
}

/** What the words of a circuit are chosen with: its own leak and time constant, the potentials of the target. */
export function goalScale(calibration: Calibration, circuit: number): CircuitScale {
  const { threshold, leak } = calibration.target;
  return {
    leak: measuredValue(calibration, "leak", circuit),
    unit: threshold - leak,
    tauMem: measuredValue(calibration, "tauMem", circuit),
  };
}

/** Strength of one sign in the mean of a neuron's circuits, and their time constant weighted by it. */
function inputsOf(
  calibration: Calibration,
  strengthKey: "strengthExc" | "strengthInh",
  tauKey: "tauSynExc" | "tauSynInh",
  first: number,
  end: number,
): { readonly strength: number; readonly tau: number } {
  let strength = 0;
  let charge = 0;
  for (let circuit = first; circuit < end; circuit++) {
    const own = measuredValue(calibration, strengthKey, circuit);
    strength += own;
    charge += own * measuredValue(calibration, tauKey, circuit);
  }
  return { strength: strength / (end - first), tau: charge / strength };
}

function measuredValue(calibration: Calibration, key: keyof MeasuredNeurons, circuit: number): number {
  const value = calibration.measured[key][circuit]!;
  if (!Number.isNaN(value)) return value;
  return key === "strengthExc" || key === "strengthInh" ? calibration.strength : calibration.target[key];
}
