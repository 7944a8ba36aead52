/**
 * Keeps the kernel in step with words, run and options: which neurons it holds, their parameters, and the jumps
 * that events cause. Each is recomputed only when what it depends on has changed; a new set of weights redoes
 * the jumps alone.
 */

import { UserError } from "../../core/errors.ts";
import { NEURON_WORD_NAMES } from "../config.ts";
import { neuronLabel } from "../coordinates.ts";
import { type Couplings, couplingsOf } from "../couplings.ts";
import type { MembraneKernel } from "../kernel/kernel.ts";
import { NEURONS } from "../limits.ts";
import type { NeuronWords, RunOptions, SpikeBatch } from "../types.ts";
import type { AnalogNeurons } from "./analog-neurons.ts";
import type { Effects } from "./effects.ts";
import {
  kernelStep,
  type ProbedLine,
  type Rails,
  type SimulatedNeurons,
  simulatedNeurons,
  varyNeurons,
} from "./kernel-neurons.ts";
import type { SynapsePattern } from "./mismatch.ts";
import { activeNeurons, fpgaInput, fpgaLabel, type NeuronRoutes, neuronRoutes, rowsOf } from "./routing.ts";
import { createJumpTable } from "./synaptic-jumps.ts";
import type { Changes, WordStore } from "./words.ts";

const UNKNOWN = -2;

export interface NetworkState {
  /** Simulated neurons, ascending; place of each id (512) among them or −1. Valid after `prepare`. */
  readonly ids: Int32Array;
  readonly place: Int32Array;
  /** Resting potentials of this run by place, LSB, and the noise of the membranes around them. */
  readonly rest: Float64Array;
  readonly noise: Float64Array;
  /** Label that each simulated neuron sends to the host, by place; −1: none. */
  readonly hostLabel: Int32Array;
  /** Jump row of each 16-bit label from the FPGA that occurs in the batch; negative: reaches nothing. */
  readonly rowOf: Int32Array;
  changed(changes: Changes): void;
  /** Brings the kernel up to date for this batch. @param run names the noise of the run */
  prepare(batch: SpikeBatch, options: RunOptions, run: number): void;
}

export interface NetworkParts {
  readonly kernel: MembraneKernel;
  readonly words: WordStore;
  readonly analog: AnalogNeurons;
  readonly synapses: SynapsePattern;
  readonly effects: Effects;
  readonly rails: Rails;
  readonly noise: number;
  readonly noiseSeed: number;
  /** µs */
  readonly longestStep: number;
}

export function createNetworkState(parts: NetworkParts): NetworkState {
  const { kernel, words, analog, synapses, effects, rails, noise, noiseSeed, longestStep } = parts;
  const jumps = createJumpTable(synapses);
  const rowOf = new Int32Array(1 << 16).fill(UNKNOWN);
  const knownLabels: number[] = [];
  const marked = new Uint8Array(NEURONS);
  const place = new Int32Array(NEURONS).fill(-1);
  let ids: Int32Array = new Int32Array(0);
  let routes: NeuronRoutes = neuronRoutes(words.neurons, words.routing);
  let hostLabel: Int32Array = new Int32Array(0);
  let simulated: SimulatedNeurons;
  let couplings: Couplings = couplingsOf(words.couplings);
  /** Whether other circuits hang together than `place` says. */
  let joined = false;
  let lineKey = "";
  let lastRecording: RecordedSet | undefined;
  let lastRun = Number.NaN;
  /** Digest of the neurons' words. */
  let program = 0;
  const stale = { words: true, routes: true, plan: true, neurons: true, weights: true, strengths: true };

  const startPlan = (): void => {
    for (const label of knownLabels) rowOf[label] = UNKNOWN;
    knownLabels.length = 0;
    for (const neuron of ids) analog.refresh(neuron);
    jumps.start(ids, words.routing, words.synapses, { couplings, gains: analog.parameters });
    hostLabel = ids.map((neuron) =>
      routes.host[neuron] === 1 ? neuronLabel(neuron, words.neurons.address[neuron]!) : -1,
    );
    ids.forEach((neuron, index) => {
      const rows = routes.rows[neuron] as readonly number[];
      if (rows.length === 0) return;
      jumps.setSpikeRow(index, jumps.add(neuronLabel(neuron, words.neurons.address[neuron]!), rows));
    });
  };

  const learnLabels = (batch: SpikeBatch): void => {
    const { label } = batch;
    const end = batch.offset[batch.entries]!;
    for (let i = batch.offset[0]!; i < end; i++) {
      const word = label[i]!;
      if (rowOf[word] !== UNKNOWN) continue;
      rowOf[word] = jumps.add(word, rowsOf(words.routing, fpgaInput(word), fpgaLabel(word)));
      knownLabels.push(word);
      stale.weights = true;
    }
  };

  const chooseNeurons = (options: RunOptions): void => {
    if (!stale.routes && sameRecording(options, lastRecording)) return;
    lastRecording = recordingOf(options);
    const wanted = activeNeurons(routes, options, couplings, marked);
    if (sameIds(wanted, ids) && !joined) return;
    joined = false;
    place.fill(-1);
    wanted.forEach((neuron, index) => {
      place.fill(index, neuron, neuron + couplings.size[neuron]!);
    });
    ids = wanted;
    stale.plan = true;
    stale.neurons = true;
  };

  const loadNeurons = (line: ProbedLine | undefined): void => {
    for (const neuron of ids) analog.refresh(neuron);
    const { synExcOn, synExcGm, synInhOn, synInhGm } = words.neurons;
    const gmOf = (neuron: number): number => {
      let sum = 0;
      for (let circuit = neuron; circuit < neuron + couplings.size[neuron]!; circuit++)
        sum += synExcOn[circuit]! * synExcGm[circuit]! + synInhOn[circuit]! * synInhGm[circuit]!;
      return sum / 2;
    };
    simulated = simulatedNeurons(ids, analog.parameters, gmOf, effects, rails, noise, line);
  };

  return {
    get ids() {
      return ids;
    },
    place,
    get rest() {
      return simulated.rest;
    },
    get noise() {
      return simulated.kernel.noise;
    },
    get hostLabel() {
      return hostLabel;
    },
    rowOf,
    changed(changes) {
      stale.words ||= changes.neurons;
      stale.routes ||= changes.routing;
      stale.plan ||= changes.routing;
      stale.weights ||= changes.weights;
    },
    prepare(batch, options, run) {
      if (stale.words) {
        analog.setWords(words.neurons, words.quadrants, words.refractoryClocks, words.couplings);
        joined = couplings.any || words.couplings.includes(1);
        couplings = couplingsOf(words.couplings);
        // What a synapse of a coupled circuit does depends on the words of all circuits of its membrane.
        stale.plan ||= couplings.any;
        if (effects.reprogramLeakLsb > 0) program = digestOf(words.neurons);
        stale.neurons = true;
      }
      if (stale.routes) {
        routes = neuronRoutes(words.neurons, words.routing);
        stale.plan = true;
      }
      chooseNeurons(options);
      const line = probedLine(options);
      if (line !== undefined && couplings.size[line.neuron] !== 1)
        throw new UserError(
          "chip",
          `the synaptic line of neuron ${line.neuron} cannot be read: it is coupled`,
        );
      const key = line === undefined ? "" : `${line.sign}${line.neuron}`;
      stale.neurons ||= key !== lineKey;
      if (stale.plan) startPlan();
      learnLabels(batch);
      if (stale.neurons) loadNeurons(line);
      if (stale.neurons || (noise > 0 && run !== lastRun)) {
        varyNeurons(simulated, effects, rails, { seed: noiseSeed, run, program, noise });
        if (stale.neurons) kernel.setNeurons(simulated.kernel, kernelStep(simulated.kernel, longestStep));
        else kernel.movePotentials();
        stale.strengths = true;
      }
      const weigh = stale.weights || stale.plan;
      if (weigh) jumps.applyWeights(words.synapses.weight);
      if (weigh || stale.strengths) {
        jumps.applyGain(simulated.strengthExc, simulated.strengthInh);
        kernel.setJumps(jumps.jumps);
      }
      lineKey = key;
      lastRun = run;
      stale.words = stale.routes = stale.plan = stale.neurons = stale.weights = stale.strengths = false;
    },
  };
}

/** What of the options decides which neurons matter. */
interface RecordedSet {
  readonly spikes: boolean;
  readonly recordedNeurons: Int32Array;
  readonly madc: number;
}

const NOTHING = new Int32Array(0);

function recordedBy({ cadc }: RunOptions): Int32Array {
  return cadc === undefined || cadc.reference !== undefined ? NOTHING : cadc.recordedNeurons;
}

function recordingOf(options: RunOptions): RecordedSet {
  return {
    spikes: options.spikes,
    recordedNeurons: recordedBy(options).slice(),
    madc: options.madc?.neuron ?? -1,
  };
}

function sameRecording(options: RunOptions, last: RecordedSet | undefined): boolean {
  return (
    last !== undefined &&
    options.spikes === last.spikes &&
    (options.madc?.neuron ?? -1) === last.madc &&
    sameIds(recordedBy(options), last.recordedNeurons)
  );
}

function probedLine({ madc }: RunOptions): ProbedLine | undefined {
  if (madc === undefined || madc.source === "membrane") return undefined;
  return { neuron: madc.neuron, sign: madc.source === "synapse-exc" ? "exc" : "inh" };
}

/** 32 bits that depend on every word (FNV-1a). */
function digestOf(words: NeuronWords): number {
  let digest = 0x811c9dc5;
  for (const name of NEURON_WORD_NAMES) {
    for (const word of words[name]) digest = Math.imul(digest ^ word, 0x01000193);
  }
  return digest >>> 0;
}

function sameIds(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
