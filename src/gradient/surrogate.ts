/**
 * Back-propagation through time with a surrogate derivative of the spike: what hardware in the loop was trained with
 * before EventProp, and what its memory is compared to.
 *
 *     I[n+1] = I[n] (1 − dt/τ_s) + Σ w z[n]         V[n+1] = V[n] (1 − dt/τ_m) + dt/τ_m I[n+1], reset where z
 *     z = H(V − ϑ)         ∂z/∂V := 1 / ϑ (1 + α |V/ϑ − 1|)²
 *
 * SuperSpike, F. Zenke, S. Ganguli (2018), arXiv 1705.11146; the reset is not differentiated, spikes and membranes
 * are those observed, samples interpolated linearly to the grid: B. Cramer et al. (2022), arXiv 2006.07239, as in
 * electronicvisions/hxtorch. A heuristic: it leaves the time of a spike unknown within the grid and smears ∂z/∂V.
 *
 * Backwards, with p_I[n] = ∂L/∂(what arrives in bin n) and dz = Σ w p_I over targets − ∂L/∂t of a spike in the bin:
 *
 *     d[n] = p_V[n] (0 where the neuron is held) + ∂z/∂V dz[n]
 *     p_I[n−1] = p_I[n] (1 − dt/τ_s) + dt/τ_m d[n]        p_V[n−1] = d[n] (1 − dt/τ_m)
 *
 * A neuron without samples is taken to rest at V = 0.
 *
 * Adaptive neurons have z = H(V − h − ϑ), and w as one more current; G. Bellec et al. (2018), arXiv 1803.09574, train
 * them so. What a spike does to the threshold and to w is differentiated, other than its reset:
 *
 *     w[n+1] = w[n] (1 − dt/τ_w) + dt/τ_w a V[n] + b z[n]          h[n+1] = h[n] (1 − dt/τ_h) + c z[n]
 *     dz gains b p_w[n] + c p_h[n];   d[n] gains dt/τ_w a p_w[n]
 *     p_w[n−1] = p_w[n] (1 − dt/τ_w) − dt/τ_m d[n]                 p_h[n−1] = p_h[n] (1 − dt/τ_h) − ∂z/∂V dz[n]
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { timeSchema } from "../core/option-schemas.ts";
import { member } from "../core/table.ts";
import { checkPeriod } from "../loss/output.ts";
import type { Cotangent } from "../loss/types.ts";
import { targetsIn } from "../network/graph.ts";
import type { Network } from "../network/network.ts";
import { type Observation, SAMPLE_BYTES, SPIKE_BYTES, type VoltageSamples } from "../network/observation.ts";
import { createBinnedSamples, createTimeGrid, gridIncompatibility, type TimeGrid } from "./time-grid.ts";
import type { Estimator, EstimatorFactory } from "./types.ts";

const options = {
  dt: timeSchema({ default: "1 us", above: 0, description: "Step of the grid." }),
  steepness: Type.Number({
    default: 50,
    exclusiveMinimum: 0,
    description: "α of the surrogate derivative, per threshold.",
  }),
  samplePeriod: timeSchema({
    default: "2 us",
    above: 0,
    description: "Sampling period of hidden membranes in software; a chip samples as it can.",
  }),
};
type Options = Static<TObject<typeof options>>;

const factory: EstimatorFactory<Options> = {
  claim: "heuristic",
  create: createSurrogate,
  incompatible(network, _loss, { dt, samplePeriod }) {
    checkPeriod("estimator.samplePeriod", samplePeriod, network);
    return gridIncompatibility(network, dt, true);
  },
};

export const surrogate = member({
  kind: "surrogate",
  summary: "back-propagation through time with SuperSpike, from sampled membranes; LIF and ALIF",
  options,
  create: factory,
});

function createSurrogate(network: Network, { dt, steepness, samplePeriod }: Options): Estimator {
  const { neurons, inputs, populations, projections } = network;
  const { tauMem, tauSynExc, tauSynInh, threshold, refractory } = network.constants;
  const grid = createTimeGrid(network, dt);
  const { bins } = grid;
  const targets = targetsIn(network, populations);
  const samples = createBinnedSamples(grid);
  const memDecay = tauMem.map((tau) => 1 - dt / tau);
  const excDecay = tauSynExc.map((tau) => 1 - dt / tau);
  const inhDecay = tauSynInh.map((tau) => 1 - dt / tau);
  const heldBins = refractory.map((time) => Math.round(time / dt));
  const spiking = threshold.map((value) => (value < Number.POSITIVE_INFINITY ? 1 : 0));
  const { adaptation, adaptationJump, thresholdJump } = network.extra;
  const adapts = populations.some(({ model }) => !model.closedForm);
  const adaptStep = network.extra.tauAdaptation.map((tau) => dt / tau);
  const thresholdDecay = network.extra.tauThreshold.map((tau) => 1 - dt / tau);
  const recurrent = projections.filter(({ sourceStart }) => sourceStart >= inputs);
  /** [neuron · bins + bin] Membrane on the grid. */
  const membranes = new Float64Array(neurons * bins);
  /** [neuron · bins + bin] 0 free, 1 spike, 2 held after a spike. */
  const phase = new Uint8Array(neurons * bins);
  /** [neuron · bins + bin] −∂L/∂t of the spike in the bin. */
  const direct = new Float64Array(neurons * bins);
  /** [neuron · bins + bin] h; empty without adaptive neurons. */
  const raised = new Float64Array(adapts ? neurons * bins : 0);
  const membrane = new Float64Array(neurons);
  const ofCurrent = new Float64Array(neurons);
  const ofThreshold = new Float64Array(neurons);
  const exc = new Float64Array(neurons);
  const inh = new Float64Array(neurons);
  const amplitude = new Float64Array(neurons);

  const begin = (observation: Observation, cotangent: Cotangent): void => {
    const { count, index } = observation.spikes;
    grid.read(observation);
    samples.read(observation, cotangent);
    interpolateMembranes(observation.voltages, grid, membranes);
    phase.fill(0);
    direct.fill(0);
    membrane.fill(0);
    exc.fill(0);
    inh.fill(0);
    for (let spike = 0; spike < count; spike++) {
      const bin = grid.spike[spike]!;
      if (bin === -1) continue;
      const neuron = index[spike]!;
      const at = neuron * bins + bin;
      phase.fill(2, at + 1, Math.min(at + 1 + heldBins[neuron]!, (neuron + 1) * bins));
      phase[at] = 1;
      direct[at] = -cotangent.spike[spike]!;
    }
    if (!adapts) return;
    ofCurrent.fill(0);
    ofThreshold.fill(0);
    for (let neuron = 0; neuron < neurons; neuron++) {
      let height = 0;
      for (let at = neuron * bins; at < (neuron + 1) * bins; at++) {
        raised[at] = height;
        height = height * thresholdDecay[neuron]! + (phase[at] === 1 ? thresholdJump[neuron]! : 0);
      }
    }
  };

  const arrive = (source: number, weights: Float64Array, gradient: Float64Array): void => {
    const { first, row, from, to } = targets;
    for (let entry = first[source]!; entry < first[source + 1]!; entry++) {
      let at = row[entry]!;
      for (let neuron = from[entry]!; neuron < to[entry]!; neuron++, at++) {
        gradient[at] = gradient[at]! + (weights[at]! >= 0 ? exc[neuron]! : inh[neuron]!);
      }
    }
  };

  /** Writes ∂L/∂z of all neurons in the present bin. */
  const differentiateSpikes = (bin: number, weights: Float64Array): void => {
    for (let neuron = 0; neuron < neurons; neuron++) amplitude[neuron] = direct[neuron * bins + bin]!;
    for (const { sourceStart, sources, targetStart, targets: width, offset } of recurrent) {
      for (let source = 0; source < sources; source++) {
        const neuron = sourceStart - inputs + source;
        if (spiking[neuron] === 0) continue;
        const row = offset + source * width;
        let sum = 0;
        for (let target = 0; target < width; target++) {
          const weight = weights[row + target]!;
          sum += weight * (weight >= 0 ? exc[targetStart + target]! : inh[targetStart + target]!);
        }
        amplitude[neuron] = amplitude[neuron]! + sum;
      }
    }
  };

  const stepBack = (bin: number): void => {
    for (let neuron = 0; neuron < neurons; neuron++) {
      const at = neuron * bins + bin;
      let change = phase[at] === 0 ? membrane[neuron]! : 0;
      let spiked = 0;
      if (phase[at] !== 2 && spiking[neuron] === 1) {
        const scale = threshold[neuron]!;
        const height = adapts ? scale + raised[at]! : scale;
        const blunt = 1 + steepness * (Math.abs(membranes[at]! - height) / scale);
        const ofSpike = adapts
          ? amplitude[neuron]! +
            adaptationJump[neuron]! * ofCurrent[neuron]! +
            thresholdJump[neuron]! * ofThreshold[neuron]!
          : amplitude[neuron]!;
        spiked = ofSpike / (scale * blunt * blunt);
        change += spiked;
      }
      if (adapts && phase[at] === 0) change += adaptStep[neuron]! * adaptation[neuron]! * ofCurrent[neuron]!;
      const gain = (dt / tauMem[neuron]!) * change;
      if (adapts) {
        ofCurrent[neuron] = ofCurrent[neuron]! * (1 - adaptStep[neuron]!) - gain;
        ofThreshold[neuron] = ofThreshold[neuron]! * thresholdDecay[neuron]! - spiked;
      }
      exc[neuron] = exc[neuron]! * excDecay[neuron]! + gain;
      inh[neuron] = inh[neuron]! * inhDecay[neuron]! + gain;
      membrane[neuron] = change * memDecay[neuron]!;
    }
  };

  return {
    claim: "heuristic",
    hiddenVoltages: { kind: "grid", period: samplePeriod },
    accumulate(observation, weights, cotangent, gradient, counts) {
      begin(observation, cotangent);
      const { count, index } = observation.spikes;
      const { neuron: sampled } = observation.voltages;
      const { index: source } = observation.inputs;
      counts.spikes += count;
      let spike = count - 1;
      let input = observation.inputs.count - 1;
      for (let bin = bins - 1; bin >= 0; bin--) {
        for (; input >= 0 && (grid.input[input]! >= bin || grid.input[input] === -1); input--) {
          if (grid.input[input] !== -1) arrive(source[input]!, weights, gradient);
        }
        for (; spike >= 0 && (grid.spike[spike]! >= bin || grid.spike[spike] === -1); spike--) {
          if (grid.spike[spike] !== -1) arrive(inputs + index[spike]!, weights, gradient);
        }
        if (bin === 0) break;
        differentiateSpikes(bin, weights);
        for (let sample = samples.first[bin]!; sample !== -1; sample = samples.following[sample]!) {
          const neuron = sampled[sample]!;
          membrane[neuron] = membrane[neuron]! + cotangent.voltage[sample]!;
        }
        stepBack(bin);
      }
    },
    bytesKept({ spikes, voltages }) {
      let hidden = 0;
      for (let sample = 0; sample < voltages.count; sample++) hidden += spiking[voltages.neuron[sample]!]!;
      return SPIKE_BYTES * spikes.count + SAMPLE_BYTES * hidden;
    },
  };
}

/**
 * Writes membranes[neuron · grid.bins + bin] = V at time bin · dt: linear between samples, constant before the first
 * and after the last; 0, the resting potential, for neurons without samples.
 */
export function interpolateMembranes(
  { count, neuron, time, value }: VoltageSamples,
  { bins, dt }: TimeGrid,
  membranes: Float64Array,
): void {
  membranes.fill(0);
  let from = 0;
  while (from < count) {
    const sampled = neuron[from]!;
    let to = from;
    while (to < count && neuron[to] === sampled) to++;
    let right = from;
    for (let bin = 0; bin < bins; bin++) {
      const now = bin * dt;
      while (right < to && time[right]! < now) right++;
      const left = right - 1;
      let membrane: number;
      if (right === from) membrane = value[from]!;
      else if (right === to) membrane = value[left]!;
      else {
        const share = (now - time[left]!) / (time[right]! - time[left]!);
        membrane = value[left]! + share * (value[right]! - value[left]!);
      }
      membranes[sampled * bins + bin] = membrane;
    }
    from = to;
  }
}
