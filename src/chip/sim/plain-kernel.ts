/**
 * A plain integrator behind the kernel's seam, Euler steps of a fixed grid in double precision: slow, crossings
 * only at grid points. Serves until the fast kernel is in the tree.
 */

import type {
  KernelInput,
  KernelKicks,
  KernelNeurons,
  KernelOutput,
  MembraneKernel,
} from "../../kernels/kernel.ts";
import { createEntryNoise } from "./noise.ts";

const GRID = 0.05;

export function createPlainKernel(): MembraneKernel {
  let neurons: KernelNeurons;
  let kicks: KernelKicks;
  const noise = createEntryNoise();
  const saturate = (current: number, limit: number): number =>
    limit === Number.POSITIVE_INFINITY ? current : limit * Math.tanh(current / limit);

  return {
    kind: "oracle",
    setStep() {},
    setNeurons(given) {
      neurons = given;
    },
    setKicks(given) {
      kicks = given;
    },
    run(input: KernelInput): KernelOutput {
      const { count, leak, threshold, reset, refractory, railLow, railHigh, saturationExc, saturationInh } =
        neurons;
      noise.start(input.noiseKey[0] as number, input.noiseKey[1] as number, input.noiseKey[2] as number);
      const v = Float64Array.from(leak, (rest, j) => rest + (neurons.noise[j] as number) * noise.normal());
      const exc = new Float64Array(count);
      const inh = new Float64Array(count);
      const until = new Float64Array(count).fill(-1);
      const decayE = neurons.tauSynExc.map((tau) => Math.exp(-GRID / tau));
      const decayI = neurons.tauSynInh.map((tau) => Math.exp(-GRID / tau));
      const decayM = neurons.tauMem.map((tau) => Math.exp(-GRID / tau));
      const kickM = neurons.noise.map((sd, j) => sd * Math.sqrt(1 - (decayM[j] as number) ** 2));
      const first = neurons.group.filter((g) => g === 0).length;
      const size = [first, count - first] as const;
      const sample: [Float32Array, Float32Array] = [
        new Float32Array(input.sampleTime[0].length * size[0]),
        new Float32Array(input.sampleTime[1].length * size[1]),
      ];
      const trace = new Float32Array(input.traceTime.length);
      const times: number[] = [];
      const senders: number[] = [];
      const taken = [0, 0];
      let traced = 0;
      let event = input.from;
      const kick = (row: number): void => {
        for (let j = 0; j < count; j++) {
          (exc[j] as number) += kicks.exc[row * count + j] as number;
          (inh[j] as number) += kicks.inh[row * count + j] as number;
        }
      };
      for (let step = 0; step * GRID <= input.duration + GRID; step++) {
        const t = step * GRID;
        while (event < input.to && (input.time[event] as number) <= t) kick(input.row[event++] as number);
        for (const g of [0, 1] as const) {
          const at = input.sampleTime[g];
          while ((taken[g] as number) < at.length && (at[taken[g] as number] as number) <= t) {
            const k = (taken[g] as number)++;
            for (let j = 0; j < size[g]; j++)
              sample[g][k * size[g] + j] = v[(g === 0 ? 0 : first) + j] as number;
          }
        }
        while (traced < trace.length && (input.traceTime[traced] as number) <= t) {
          const source =
            input.traceSource === "membrane" ? v : input.traceSource === "synapse-exc" ? exc : inh;
          trace[traced++] = source[input.traceNeuron] as number;
        }
        for (let j = 0; j < count; j++) {
          const drive =
            saturate(exc[j] as number, saturationExc[j] as number) -
            saturate(inh[j] as number, saturationInh[j] as number);
          (exc[j] as number) *= decayE[j] as number;
          (inh[j] as number) *= decayI[j] as number;
          if ((until[j] as number) > t) {
            v[j] = reset[j] as number;
            continue;
          }
          const rest = leak[j] as number;
          let next = rest + ((v[j] as number) - rest) * (decayM[j] as number) + GRID * drive;
          if ((neurons.noise[j] as number) > 0) next += (kickM[j] as number) * noise.normal();
          next = Math.min(railHigh[j] as number, Math.max(railLow[j] as number, next));
          v[j] = next;
          if (next < (threshold[j] as number)) continue;
          times.push(t + GRID);
          senders.push(j);
          v[j] = reset[j] as number;
          until[j] = t + GRID + (refractory[j] as number);
          const row = kicks.spikeRow[j] as number;
          if (row >= 0) kick(row);
        }
      }
      return {
        spikes: times.length,
        spikeTime: Float64Array.from(times),
        spikeNeuron: Int32Array.from(senders),
        sample,
        trace,
      };
    },
  };
}
