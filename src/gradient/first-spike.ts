/**
 * The closed-form gradient of first spike times, layer by layer.
 *
 * A neuron at rest that receives w_i at t_i < T first reaches ϑ at T, with closed forms for T and hence for its
 * derivatives where τ_m = τ_s or τ_m = 2 τ_s. With x_i = (T − t_i)/τ_m, I = I(T):
 *
 *     τ_m = τ_s      ∂T/∂w_i = −τ_m x_i e^{−x_i} / (I − ϑ)           ∂T/∂t_i = −w_i (x_i − 1) e^{−x_i} / (I − ϑ)
 *     τ_m = 2 τ_s    ∂T/∂w_i = −τ_m (e^{−x_i} − e^{−2x_i}) / (I − ϑ)  ∂T/∂t_i = −w_i (e^{−x_i} − 2e^{−2x_i}) / (I − ϑ)
 *
 * J. Göltz et al. (2021), arXiv 1912.11443, equations 2 to 6: their a₁ (1 + W) is (I − ϑ) e^{T/τ}, their x is
 * (I − ϑ) e^{T/τ_s}; T is the observed one, so that it may come from a chip. Exact for losses on first spikes while
 * each neuron spikes once; later spikes are ignored.
 */

import type { Static, TObject } from "@sinclair/typebox";
import { member } from "../core/table.ts";
import { type Loss, readingsOf } from "../loss/types.ts";
import { beyondClosedForm } from "../network/adaptive-neurons.ts";
import { stagesOf } from "../network/graph.ts";
import type { Network } from "../network/network.ts";
import { type Observation, SPIKE_BYTES, type SpikeList } from "../network/observation.ts";
import { slopeFloorOption } from "./eventprop.ts";
import type { Estimator, EstimatorFactory, Incompatibility } from "./types.ts";

const options = { slopeFloor: slopeFloorOption };
type Options = Static<TObject<typeof options>>;

const factory: EstimatorFactory<Options> = { claim: "exact", create: createFirstSpike, incompatible };

export const firstSpikeGradient = member({
  kind: "first-spike",
  summary: "closed form for first spikes, tau_mem equal to tau_syn or twice it",
  options,
  create: factory,
});

/** Largest relative deviation of nominal constants from the ratios 1 and 2. */
const RATIO_TOLERANCE = 1e-6;

function incompatible(network: Network, loss: Loss): Incompatibility {
  if (readingsOf(loss).some(({ readsSpikes, voltages }) => !readsSpikes || voltages.kind !== "none")) {
    return "first-spike needs a loss on spike times, such as first-spike or target-times";
  }
  const loop = stagesOf(network).find(({ recurrent }) => recurrent);
  if (loop !== undefined) {
    return `first-spike needs layers, but ${loop.populations.map(({ name }) => name).join(", ")} act on themselves`;
  }
  const reason = beyondClosedForm(network);
  if (reason !== undefined)
    return `first-spike is for LIF without delays and with fixed constants, but ${reason}`;
  const { tauMem, tauSynExc, tauSynInh } = network.constants;
  for (const { name, model, start } of network.populations) {
    if (!model.spikes) return `first-spike needs neurons that spike, but ${name} is ${model.kind}`;
    const tauSyn = tauSynExc[start]!;
    if (Math.abs(tauSynInh[start]! - tauSyn) > RATIO_TOLERANCE * tauSyn) {
      return `first-spike needs one synaptic time constant, but ${name} has ${tauSyn} us and ${tauSynInh[start]} us`;
    }
    const ratio = tauMem[start]! / tauSyn;
    if (Math.min(Math.abs(ratio - 1), Math.abs(ratio - 2)) > RATIO_TOLERANCE * ratio) {
      return `first-spike needs tau_mem / tau_syn = 1 or 2, but ${name} has ${ratio}`;
    }
  }
  return undefined;
}

/** Constants that deviate from the two ratios (as calibrated) are taken as the nearest pair of that ratio. */
function createFirstSpike(network: Network, { slopeFloor }: Options): Estimator {
  const { neurons, constants } = network;
  const order = stagesOf(network)
    .flatMap(({ populations }) => populations)
    .reverse();
  const ratio = new Float64Array(neurons);
  const tau = new Float64Array(neurons);
  for (let neuron = 0; neuron < neurons; neuron++) {
    const tauSyn = Math.sqrt(constants.tauSynExc[neuron]! * constants.tauSynInh[neuron]!);
    const nearest = constants.tauMem[neuron]! / tauSyn < Math.SQRT2 ? 1 : 2;
    ratio[neuron] = nearest;
    tau[neuron] = Math.sqrt(constants.tauMem[neuron]! * nearest * tauSyn);
  }
  /** First spike of each neuron, −1: none; ∂L/∂T of it. */
  const firstOf = new Int32Array(neurons);
  const moved = new Float64Array(neurons);
  const causes = createCauses(network, firstOf);

  return {
    claim: "exact",
    hiddenVoltages: { kind: "none" },
    accumulate(observation, weights, cotangent, gradient, counts) {
      const { spikes } = observation;
      findFirst(spikes, firstOf);
      for (let neuron = 0; neuron < neurons; neuron++) {
        moved[neuron] = firstOf[neuron] === -1 ? 0 : cotangent.spike[firstOf[neuron]!]!;
      }
      for (let p = 0; p < order.length; p++) {
        const { start, size } = order[p]!;
        for (let neuron = start; neuron < start + size; neuron++) {
          const pull = moved[neuron]!;
          if (pull === 0) continue;
          const equal = ratio[neuron] === 1;
          const width = tau[neuron]!;
          const end = spikes.time[firstOf[neuron]!]!;
          causes.read(observation, neuron, end);
          const { count, place, source, time } = causes;
          let current = 0;
          for (let i = 0; i < count; i++) {
            current += weights[place[i]!]! * Math.exp(((time[i]! - end) / width) * (equal ? 1 : 2));
          }
          const excess = current - constants.threshold[neuron]!;
          const lowest = slopeFloor * constants.threshold[neuron]!;
          const capped = !(excess > 0 && excess >= lowest);
          const divisor = capped ? lowest : excess;
          const factor = divisor > 0 ? -pull / divisor : 0;
          counts.spikes++;
          if (capped) counts.cappedJumps++;
          for (let i = 0; i < count; i++) {
            const at = place[i]!;
            const x = (end - time[i]!) / width;
            const slow = Math.exp(-x);
            const fast = equal ? slow : slow * slow;
            gradient[at] = gradient[at]! + factor * width * (equal ? x * slow : slow - fast);
            if (source[i] === -1) continue;
            const slope = equal ? (x - 1) * slow : slow - 2 * fast;
            moved[source[i]!] = moved[source[i]!]! + factor * weights[at]! * slope;
          }
        }
      }
    },
    bytesKept({ spikes }) {
      findFirst(spikes, firstOf);
      let kept = 0;
      for (let neuron = 0; neuron < neurons; neuron++) if (firstOf[neuron] !== -1) kept++;
      return SPIKE_BYTES * kept;
    },
  };
}

function findFirst({ count, index }: SpikeList, firstOf: Int32Array): void {
  firstOf.fill(-1);
  for (let spike = count - 1; spike >= 0; spike--) firstOf[index[spike]!] = spike;
}

/** What reached a neuron before its first spike. */
interface Causes {
  count: number;
  /** Place of the weight; neuron that spiked, −1 for an input; time. */
  place: Int32Array;
  source: Int32Array;
  time: Float64Array;
  /** Overwrites them with all input spikes and first spikes of neurons that reached `neuron` before `end`. */
  read(observation: Observation, neuron: number, end: number): void;
}

function createCauses({ inputs: inputCount, projections }: Network, firstOf: Int32Array): Causes {
  const reserve = (count: number): void => {
    if (causes.place.length >= count) return;
    causes.place = new Int32Array(2 * count);
    causes.source = new Int32Array(2 * count);
    causes.time = new Float64Array(2 * count);
  };
  const causes: Causes = {
    count: 0,
    place: new Int32Array(64),
    source: new Int32Array(64),
    time: new Float64Array(64),
    read({ inputs, spikes }, neuron, end) {
      reserve((inputs.count + spikes.count) * projections.length);
      causes.count = 0;
      for (const { sourceStart, sources, targets, targetStart, offset } of projections) {
        const column = neuron - targetStart;
        if (column < 0 || column >= targets) continue;
        const external = sourceStart < inputCount;
        const list = external ? inputs : spikes;
        const start = external ? sourceStart : sourceStart - inputCount;
        for (let entry = 0; entry < list.count && list.time[entry]! < end; entry++) {
          const source = list.index[entry]! - start;
          if (source < 0 || source >= sources) continue;
          if (!external && firstOf[list.index[entry]!] !== entry) continue;
          causes.place[causes.count] = offset + source * targets + column;
          causes.source[causes.count] = external ? -1 : list.index[entry]!;
          causes.time[causes.count] = list.time[entry]!;
          causes.count++;
        }
      }
    },
  };
  return causes;
}
