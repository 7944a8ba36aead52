/**
 * The exact adjoint of populations that do not act on themselves: spiking layers and readouts, one after the other,
 * from the outputs to the inputs. (Populations that act on each other: recurrent-adjoint.ts.)
 *
 * For each neuron p_V = ∂L/∂V, p_E = ∂L/∂I_e, p_I = ∂L/∂I_i, backwards in time (s = −t; rates a = 1/τ_m, b = 1/τ_e,
 * c = 1/τ_i):
 *
 *     dp_V/ds = −a p_V      dp_E/ds = −b p_E + a p_V      dp_I/ds = −c p_I + a p_V
 *     at a sample           p_V += ∂L/∂V
 *     at the end of t_ref   q = V̇(end⁺) p_V, then p_V = 0 until the spike
 *     at an own spike t_k   p_V = (q − ∂L/∂t_k) / V̇(t_k⁻)
 *     at an arrival         ∂L/∂w += p_E          ∂L/∂t of the source += w (b p_E − a p_V)
 *                           with p_I, c for p_E, b where w < 0
 *
 * T. Wunderlich, C. Pehle (2021), arXiv 2009.08378; C. Pehle et al. (2023), arXiv 2302.07141; derived in this notation
 * in docs/method.md. Order at equal times, forwards: end of t_ref, sample, spike, arrival. Between events p has a closed
 * form, the transpose of the forward flow (src/neuron/closed-form.ts):
 *
 *     p_V ← p_V e^{−as}      p_E ← p_E e^{−bs} + p_V K_b(s)      p_I ← p_I e^{−cs} + p_V K_c(s)
 *     K_r(s) = a (e^{−as} − e^{−rs}) / (r − a)  →  a s e^{−as}  as r → a
 *
 * The file reads top to bottom: constants of the neurons, the flow, one pass, the timeline of spikes, arrivals at a
 * population, spiking layers, readouts. It is long because it is one algorithm, and because V8 makes constants of a
 * module's own arrays part of the machine code, but looks imports up: cut in fourteen files it was 12 % slower, and with
 * its working arrays as arguments 28 %.
 */

import type { Cotangent } from "../loss/types.ts";
import type { Network, NeuronConstants, Population } from "../network/network.ts";
import type { Observation } from "../network/observation.ts";
import { decay } from "../neuron/decay.ts";
import type { GradientCounts } from "./types.ts";

// Constants of the neurons ----------------------------------------------------------------------------------

// All neurons in one array, so that the constants of a neuron lie together: rates in 1/µs, potentials in model units.

/** Entry `neuron · CONSTANTS + …` of the table. */
const CONSTANTS = 8;
const LEAK_RATE = 0;
const EXC_RATE = 1;
const INH_RATE = 2;
const THRESHOLD = 3;
const RESET = 4;
/** Neurons with equal rates have equal numbers: their decays over equal times are the same. */
const CLASS = 5;
/** e^{−b t_ref} and e^{−c t_ref}: what a refractory time leaves of the currents. */
const EXC_REFRACTORY_DECAY = 6;
const INH_REFRACTORY_DECAY = 7;

export function adjointConstants(constants: NeuronConstants): Float64Array {
  const { tauMem, tauSynExc, tauSynInh, threshold, reset, refractory } = constants;
  const table = new Float64Array(CONSTANTS * tauMem.length);
  const classes = new Map<string, number>();
  for (let neuron = 0; neuron < tauMem.length; neuron++) {
    const a = 1 / tauMem[neuron]!;
    const b = 1 / tauSynExc[neuron]!;
    const c = 1 / tauSynInh[neuron]!;
    const name = `${a} ${b} ${c}`;
    if (!classes.has(name)) classes.set(name, classes.size);
    const held = refractory[neuron]!;
    const entry = [
      a,
      b,
      c,
      threshold[neuron]!,
      reset[neuron]!,
      classes.get(name)!,
      decay(b * held),
      decay(c * held),
    ];
    table.set(entry, neuron * CONSTANTS);
  }
  return table;
}

// Motion between events -------------------------------------------------------------------------------------

/** Numbers of one flow, in this order: e^{−as}, e^{−bs}, K_b, e^{−cs}, K_c. */
const FLOW = 5;

/**
 * Writes the flow over `flows[at]` ≥ 0 µs to flows[at … at + FLOW − 1], for the neuron whose constants start at
 * `neuron`. (The time comes in the array because a number passed to a function that is not inlined is boxed.)
 */
function writeFlow(constants: Float64Array, neuron: number, flows: Float64Array, at: number): void {
  const s = flows[at]!;
  const a = constants[neuron + LEAK_RATE]!;
  const b = constants[neuron + EXC_RATE]!;
  const c = constants[neuron + INH_RATE]!;
  const leak = decay(a * s);
  flows[at] = leak;
  const x = (b - a) * s;
  if (x * x < 1 / 256) {
    const share = leak * growth(-x);
    flows[at + 1] = leak - x * share;
    flows[at + 2] = a * s * share;
  } else {
    const exc = decay(b * s);
    flows[at + 1] = exc;
    flows[at + 2] = (a / (b - a)) * (leak - exc);
  }
  const y = (c - a) * s;
  if (c === b) {
    flows[at + 3] = flows[at + 1]!;
    flows[at + 4] = flows[at + 2]!;
  } else if (y * y < 1 / 256) {
    const share = leak * growth(-y);
    flows[at + 3] = leak - y * share;
    flows[at + 4] = a * s * share;
  } else {
    const inh = decay(c * s);
    flows[at + 3] = inh;
    flows[at + 4] = (a / (c - a)) * (leak - inh);
  }
}

/** K_r(s) from e^{−rs}, y = a s and x = (r − a) s. */
function response(own: number, y: number, x: number): number {
  if (x * x < 1 / 256) return y * own * growth(x);
  return (y / x) * (decay(y) - own);
}

/**
 * (e^x − 1)/x, its series to x⁷. Up to |x| = 1/16 the remainder is below 10⁻¹⁵; beyond it the difference of two
 * exponentials loses 4 bits at most. (The bound stands as that of the square, which the series needs anyhow. What is
 * declared as a function could be replaced, and would be compared at every call.)
 */
const growth = (x: number): number => {
  const q = x * x;
  const even = 1 + q * (1 / 6 + q * (1 / 120 + q * (1 / 5040)));
  const odd = 1 / 2 + q * (1 / 24 + q * (1 / 720 + q * (1 / 40320)));
  return even + x * odd;
};

// One pass: one sample on its way back ----------------------------------------------------------------------

export interface AdjointPass {
  observation: Observation;
  weights: Float64Array;
  cotangent: Cotangent;
  /** Written: ∂L/∂w is added, laid out as in Projection.offset. */
  gradient: Float64Array;
  /** Written. */
  counts: GradientCounts;
  /** Entries that its working arrays must have, among them those of its spike timeline. */
  capacity: number;
}

export interface StageAdjoint {
  /** All stages that this one acts on have been run. */
  run(pass: AdjointPass): void;
}

// Working arrays: one set for all estimators of a thread, since a pass runs to its end before the next begins. Each
// function asks for them by itself instead of being handed them: the set for samples of usual size never changes, so
// that addresses and lengths become constants of the function's machine code. Those of an array that is an argument are
// loaded and checked again in every iteration, which costs more than the number that is read.

/** Entries that the set for samples of usual size has. */
const USUAL = 4096;

/** Makes the function that gives arrays with a capacity of at least a number of entries; `create` makes the arrays. */
function workingArrays<Arrays>(create: (capacity: number) => Arrays): (capacity: number) => Arrays {
  const usual = create(USUAL);
  let large = usual;
  let largest = USUAL;
  const grown = (capacity: number): Arrays => {
    if (capacity > largest) {
      largest = 2 * capacity;
      large = create(largest);
    }
    return large;
  };
  // Only what is as short as this is inlined before its callers' uses of the arrays are compiled.
  return (capacity) => (capacity > USUAL ? grown(capacity) : usual);
}

/**
 * b and c of the neuron that the adjoint is at, ahead of a loop that takes one of them by the sign of a weight. From
 * the table of constants, which is an argument, the loop would load and check them in every iteration.
 */
// V8 keeps the address of an array constant from 9 numbers on.
const rates = new Float64Array(16);

// The timeline of spikes ------------------------------------------------------------------------------------

// Which observed spikes can matter for a cotangent, and how the spikes of a neuron follow each other. The horizon is the
// latest time at which anything has a cotangent; whatever happens later cannot change the loss. A spike holds its neuron
// at reset until the end of its refractory time. Observed spikes may follow faster than the network's constants allow;
// then the next spike ends it.

export interface SpikeTimeline {
  /** Latest time with a cotangent, −Infinity when there is none. */
  horizon: number;
  /** Spikes up to the horizon: entries 0 … count−1 of the observation; inputs likewise. */
  count: number;
  inputs: number;
  /** [spike] The spike before of the same neuron, and the one after; −1 where there is none. */
  readonly previous: Int32Array;
  readonly following: Int32Array;
  /** First spikes of neurons, and all others, ascending in time. */
  readonly first: Int32Array;
  readonly later: Int32Array;
  firstCount: number;
  laterCount: number;
  /** [spike] End of the refractory time, or the next spike of the same neuron when that is earlier. */
  readonly refractoryEnd: Float64Array;
  /** [spike] ∂L/∂t so far; written for sources of each stage in turn. */
  readonly spikeTimeGradient: Float64Array;
  /** Entries of the observation's samples that have a cotangent, ascending. */
  readonly samplesWithCotangent: Int32Array;
  sampledCount: number;
  /** Number of spikes up to the last one with a cotangent of its own. */
  spikesWithCotangent: number;
  /** [neuron] Its last spike up to the horizon, −1 without one. */
  readonly last: Int32Array;
}

const spikeTimeline = workingArrays(
  (capacity): SpikeTimeline => ({
    horizon: Number.NEGATIVE_INFINITY,
    count: 0,
    inputs: 0,
    previous: new Int32Array(capacity),
    following: new Int32Array(capacity),
    first: new Int32Array(capacity),
    later: new Int32Array(capacity),
    firstCount: 0,
    laterCount: 0,
    refractoryEnd: new Float64Array(capacity),
    spikeTimeGradient: new Float64Array(capacity),
    samplesWithCotangent: new Int32Array(capacity),
    sampledCount: 0,
    spikesWithCotangent: 0,
    last: new Int32Array(capacity),
  }),
);

/** Overwrites the timeline of that capacity with that of `observation`. */
function readTimeline(
  network: Network,
  observation: Observation,
  cotangent: Cotangent,
  capacity: number,
): void {
  const { refractory } = network.constants;
  const { count: spikes, time: times, index } = observation.spikes;
  const timeline = spikeTimeline(capacity);
  const { previous, following, first, later, refractoryEnd, last } = timeline;
  const horizon = findCotangents(observation, cotangent, capacity);
  last.fill(-1, 0, network.neurons);
  let count = 0;
  let firstCount = 0;
  let laterCount = 0;
  for (; count < spikes; count++) {
    const time = times[count]!;
    if (time > horizon) break;
    const neuron = index[count]!;
    const before = last[neuron]!;
    if (before === -1) {
      first[firstCount] = count;
      firstCount++;
    } else {
      later[laterCount] = count;
      laterCount++;
      following[before] = count;
      if (refractoryEnd[before]! > time) refractoryEnd[before] = time;
    }
    previous[count] = before;
    following[count] = -1;
    refractoryEnd[count] = time + refractory[neuron]!;
    last[neuron] = count;
  }
  let inputs = 0;
  while (inputs < observation.inputs.count && observation.inputs.time[inputs]! <= horizon) inputs++;
  timeline.horizon = horizon;
  timeline.count = count;
  timeline.firstCount = firstCount;
  timeline.laterCount = laterCount;
  timeline.inputs = inputs;
}

/** Notes what has a cotangent; returns the horizon. */
function findCotangents(
  { spikes, voltages }: Observation,
  { spike, voltage }: Cotangent,
  capacity: number,
): number {
  const timeline = spikeTimeline(capacity);
  const { count, time } = voltages;
  const { samplesWithCotangent } = timeline;
  let spikesWithCotangent = spikes.count;
  while (spikesWithCotangent > 0 && spike[spikesWithCotangent - 1] === 0) spikesWithCotangent--;
  let horizon = spikesWithCotangent === 0 ? Number.NEGATIVE_INFINITY : spikes.time[spikesWithCotangent - 1]!;
  let sampledCount = 0;
  for (let entry = 0; entry < count; entry++) {
    if (voltage[entry] === 0) continue;
    samplesWithCotangent[sampledCount] = entry;
    sampledCount++;
    if (time[entry]! > horizon) horizon = time[entry]!;
  }
  timeline.sampledCount = sampledCount;
  timeline.spikesWithCotangent = spikesWithCotangent;
  return horizon;
}

// Arrivals at a population ----------------------------------------------------------------------------------

interface LayerArrivals {
  /** One entry more than there are arrivals: Infinity. */
  readonly time: Float64Array;
  /** [arrival · 2 …] Place of the weight onto the population's first neuron; the observation's spike, −1 for an input. */
  readonly origin: Int32Array;
}

const layerArrivals = workingArrays(
  (capacity): LayerArrivals => ({ time: new Float64Array(capacity), origin: new Int32Array(2 * capacity) }),
);

/** How often a spike arrives at one population at most: once per projection that joins the same two. */
export function arrivalsPerSpike({ projections }: Network): number {
  const alike = projections.map(
    (one) => projections.filter(({ from, to }) => from === one.from && to === one.to).length,
  );
  return Math.max(0, ...alike);
}

/** Makes the function that collects a population's arrivals up to the horizon; it returns their number. */
function createArrivalReader(network: Network, population: Population): (pass: AdjointPass) => number {
  const { inputs: firstNeuron, neurons } = network;
  const projections = network.projections.filter(({ to }) => to === population.name);
  const rowsOf = Array.from({ length: firstNeuron + neurons }, (_, source) =>
    projections
      .filter(({ sourceStart, sources }) => source >= sourceStart && source < sourceStart + sources)
      .map(({ sourceStart, targets, offset }) => offset + (source - sourceStart) * targets),
  );
  const byInputs = rowsOf.some((rows, source) => source < firstNeuron && rows.length > 0);
  const bySpikes = rowsOf.some((rows, source) => source >= firstNeuron && rows.length > 0);
  const width = Math.max(0, ...rowsOf.map(({ length }) => length));
  /** [source · width …] Places where its rows begin, −1 where it has fewer. */
  const table = new Int32Array(width * rowsOf.length).fill(-1);
  rowsOf.forEach((rows, source) => {
    table.set(rows, source * width);
  });

  // At equal times inputs come after spikes.
  return ({ observation, capacity }) => {
    const { time, origin } = layerArrivals(capacity);
    const { inputs, count: spikes } = spikeTimeline(capacity);
    const { time: inputTime, index: inputIndex } = observation.inputs;
    const { time: spikeTime, index: spikeIndex } = observation.spikes;
    const inputEnd = byInputs ? inputs : 0;
    const spikeEnd = bySpikes ? spikes : 0;
    let count = 0;
    let input = 0;
    let spike = 0;
    let nextInput = inputEnd > 0 ? inputTime[0]! : Number.POSITIVE_INFINITY;
    while (input < inputEnd || spike < spikeEnd) {
      let now = spike < spikeEnd ? spikeTime[spike]! : Number.POSITIVE_INFINITY;
      let source = 0;
      let arriver = -1;
      if (nextInput < now) {
        now = nextInput;
        source = inputIndex[input]!;
        input++;
        nextInput = input < inputEnd ? inputTime[input]! : Number.POSITIVE_INFINITY;
      } else {
        source = firstNeuron + spikeIndex[spike]!;
        arriver = spike;
        spike++;
      }
      const end = (source + 1) * width;
      for (let entry = source * width; entry < end; entry++) {
        const row = table[entry]!;
        time[count] = now;
        origin[2 * count] = row;
        origin[2 * count + 1] = arriver;
        count += +(row >= 0);
      }
    }
    // Typed arrays drop what is written beyond their end.
    if (count >= capacity)
      throw new Error(`${count} arrivals at ${population.name}, room for ${capacity - 1}`);
    time[count] = Number.POSITIVE_INFINITY;
    return count;
  };
}

// A layer that spikes ---------------------------------------------------------------------------------------

// A spike at t of a neuron that spiked before ends an interval: V is held until the end of the refractory time, then free
// until t. Arrivals while it is held count from that end, the others from t. Every exponential belongs to such an
// arrival, or to the held or the free time as a whole.

/**
 * Numbers of a spike: first V̇ before it, in model units per µs; then of its interval V̇ after the refractory time,
 * e^{−bs} and e^{−cs} over the refractory time, and the flow over the free time.
 */
const END_SLOPE = 1;
const REFRACTORY_DECAYS = 2;
const FREE = 4;
const SPIKE = FREE + FLOW;

/**
 * Factors of an arrival: e^{−bs}, or 0 where w < 0; e^{−cs}, or 0 where w ≥ 0; for arrivals when V was free K_r(s). So
 * the way back needs no weight, and the currents need no branch.
 */
const FACTORS = 3;

interface LayerTrace {
  /** [spike of the timeline · SPIKE …] The tables by spike hold values of the layer's own spikes only. */
  readonly spikes: Float64Array;
  /** [spike · 2 …] First arrival after the refractory time of the spike before (0 without one); first that is not before it. */
  readonly bounds: Int32Array;
  /** [factor · FACTORS …] Of the present neuron, in the order of arrivals; each arrival has one set at most. */
  readonly arrivalFactors: Float64Array;
  /** First spikes of the layer's neurons that spike once up to the horizon, and of the others; ascending in time. */
  readonly singleSpikeNeurons: Int32Array;
  readonly multiSpikeNeurons: Int32Array;
  singleSpikeCount: number;
  multiSpikeCount: number;
}

const layerTrace = workingArrays(
  (capacity): LayerTrace => ({
    spikes: new Float64Array(capacity * SPIKE),
    bounds: new Int32Array(capacity * 2),
    arrivalFactors: new Float64Array(capacity * FACTORS),
    singleSpikeNeurons: new Int32Array(capacity),
    multiSpikeNeurons: new Int32Array(capacity),
    singleSpikeCount: 0,
    multiSpikeCount: 0,
  }),
);

/** `floor`: smallest slope at a spike, in thresholds per τ_m. */
export function createLayerAdjoint(
  network: Network,
  population: Population,
  constants: Float64Array,
  floor: number,
  withSamples: StageAdjoint,
): StageAdjoint {
  const readArrivals = createArrivalReader(network, population);
  return {
    run(pass) {
      if (isSampled(pass, population)) {
        withSamples.run(pass);
        return;
      }
      readArrivals(pass);
      sortNeurons(pass, population);
      writeIntervals(pass, population, constants);
      adjointOfMultiSpikeNeurons(pass, population, constants, floor);
      adjointOfSingleSpikeNeurons(pass, population, constants, floor);
    },
  };
}

/**
 * Fills the lists of neurons that spike once and of those that spike several times. Each neuron is written to both lists
 * and one counter advances: a branch here would be mispredicted half the time.
 */
function sortNeurons({ capacity, observation }: AdjointPass, { start, size }: Population): void {
  const trace = layerTrace(capacity);
  const { index } = observation.spikes;
  const { first, firstCount, following } = spikeTimeline(capacity);
  const { singleSpikeNeurons, multiSpikeNeurons } = trace;
  let singleSpikeCount = 0;
  let multiSpikeCount = 0;
  for (let entry = 0; entry < firstCount; entry++) {
    const spike = first[entry]!;
    const column = index[spike]! - start;
    if (column < 0 || column >= size) continue;
    singleSpikeNeurons[singleSpikeCount] = spike;
    multiSpikeNeurons[multiSpikeCount] = spike;
    const once = +(following[spike] === -1);
    singleSpikeCount += once;
    multiSpikeCount += 1 - once;
  }
  trace.singleSpikeCount = singleSpikeCount;
  trace.multiSpikeCount = multiSpikeCount;
}

/** Whether the loss depends on a sample of the population. */
function isSampled({ observation, cotangent }: AdjointPass, { start, size }: Population): boolean {
  const { count, neuron } = observation.voltages;
  for (let entry = 0; entry < count && neuron[entry]! < start + size; entry++) {
    if (neuron[entry]! >= start && cotangent.voltage[entry] !== 0) return true;
  }
  return false;
}

/** Writes the intervals of the trace. */
export function writeIntervals(
  { capacity, observation }: AdjointPass,
  { start, size }: Population,
  constants: Float64Array,
): void {
  const { spikes } = layerTrace(capacity);
  const { time, index } = observation.spikes;
  const { later, laterCount, previous, refractoryEnd } = spikeTimeline(capacity);
  for (let entry = 0; entry < laterCount; entry++) {
    const spike = later[entry]!;
    const column = index[spike]! - start;
    if (column < 0 || column >= size) continue;
    const before = previous[spike]!;
    const own = (start + column) * CONSTANTS;
    const at = spike * SPIKE;
    const free = time[spike]! - refractoryEnd[before]!;
    let exc = constants[own + EXC_REFRACTORY_DECAY]!;
    let inh = constants[own + INH_REFRACTORY_DECAY]!;
    if (free === 0) {
      // The spike may have come within the refractory time.
      const held = time[spike]! - time[before]!;
      exc = decay(constants[own + EXC_RATE]! * held);
      inh = decay(constants[own + INH_RATE]! * held);
    }
    spikes[at + REFRACTORY_DECAYS] = exc;
    spikes[at + REFRACTORY_DECAYS + 1] = inh;
    spikes[at + FREE] = free;
    writeFlow(constants, own, spikes, at + FREE);
  }
}

/**
 * The neurons that spike several times, one after the other: forwards along the neuron's spikes for the slopes of its
 * membrane, then from the last spike back to the first. The synaptic currents, which are not observed, are run again with
 * the network's constants:
 *
 *     before a spike  V̇(t_k⁻) = (I(t_k⁻) − ϑ)/τ_m        after the refractory time  V̇(end⁺) = (I(end⁺) − V_r)/τ_m
 *
 * with I = I_e + I_i. Neurons are processed in the order of their first spikes, so that loop counts repeat from neuron to
 * neuron and branches are predicted well. `floor`: smallest slope at a spike, in thresholds per τ_m.
 */
function adjointOfMultiSpikeNeurons(
  { capacity, observation, weights, gradient, counts }: AdjointPass,
  { start }: Population,
  constants: Float64Array,
  floor: number,
): void {
  const { previous, following, refractoryEnd, spikeTimeGradient } = spikeTimeline(capacity);
  const { time: arrivalTime, origin } = layerArrivals(capacity);
  const { spikes, bounds, arrivalFactors, multiSpikeNeurons, multiSpikeCount } = layerTrace(capacity);
  const { time: spikeTime, index } = observation.spikes;
  let arrivedFirst = 0;
  let jumps = 0;
  let capped = 0;
  for (let entry = 0; entry < multiSpikeCount; entry++) {
    let spike = multiSpikeNeurons[entry]!;
    const column = index[spike]! - start;
    const own = (start + column) * CONSTANTS;
    const a = constants[own + LEAK_RATE]!;
    rates[0] = constants[own + EXC_RATE]!;
    rates[1] = constants[own + INH_RATE]!;
    const threshold = constants[own + THRESHOLD]!;
    const firstTime = spikeTime[spike]!;
    while (arrivalTime[arrivedFirst]! < firstTime) arrivedFirst++;

    let exc = 0;
    let inh = 0;
    let arrival = 0;
    let arrived = arrivedFirst;
    let factor = 0;
    for (;;) {
      const at = spike * SPIKE;
      const time = spikeTime[spike]!;
      bounds[2 * spike] = arrival;
      for (; arrival < arrived; arrival++) {
        const s = time - arrivalTime[arrival]!;
        const weight = weights[origin[2 * arrival]! + column]!;
        // Signs are random: arithmetic costs less than a branch that is guessed wrong.
        const slot = +(weight < 0);
        const rate = rates[slot]!;
        const decayed = decay(rate * s);
        const inhDecayed = slot * decayed;
        const excDecayed = decayed - inhDecayed;
        arrivalFactors[factor] = excDecayed;
        arrivalFactors[factor + 1] = inhDecayed;
        arrivalFactors[factor + 2] = response(decayed, a * s, (rate - a) * s);
        factor += FACTORS;
        exc += weight * excDecayed;
        inh += weight * inhDecayed;
      }
      bounds[2 * spike + 1] = arrived;
      spikes[at] = a * (exc + inh - threshold);
      const next = following[spike]!;
      if (next === -1) break;
      const until = refractoryEnd[spike]!;
      const interval = next * SPIKE;
      exc *= spikes[interval + REFRACTORY_DECAYS]!;
      inh *= spikes[interval + REFRACTORY_DECAYS + 1]!;
      for (; arrivalTime[arrival]! < until; arrival++) {
        const weight = weights[origin[2 * arrival]! + column]!;
        const slot = +(weight < 0);
        const decayed = decay(rates[slot]! * (until - arrivalTime[arrival]!));
        const inhDecayed = slot * decayed;
        const excDecayed = decayed - inhDecayed;
        arrivalFactors[factor] = excDecayed;
        arrivalFactors[factor + 1] = inhDecayed;
        factor += FACTORS;
        exc += weight * excDecayed;
        inh += weight * inhDecayed;
      }
      spikes[interval + END_SLOPE] = a * (exc + inh - constants[own + RESET]!);
      exc *= spikes[interval + FREE + 1]!;
      inh *= spikes[interval + FREE + 3]!;
      spike = next;
      const nextTime = spikeTime[spike]!;
      for (arrived = arrival; arrivalTime[arrived]! < nextTime; ) arrived++;
    }

    // Back again: p_E and p_I at the spike, p_V there in `membrane`, and q in `released`.
    let adjointExc = 0;
    let adjointInh = 0;
    let released = 0;
    for (;;) {
      const at = spike * SPIKE;
      let membrane = 0;
      const jump = released - spikeTimeGradient[spike]!;
      if (jump !== 0) {
        const rise = spikes[at]!;
        const lowest = floor * a * threshold;
        jumps++;
        if (rise > 0 && rise >= lowest) {
          membrane = jump / rise;
        } else {
          capped++;
          membrane = lowest > 0 ? jump / lowest : 0;
        }
      }
      const begin = bounds[2 * spike]!;
      const adjointRate = a * membrane;
      for (arrival = bounds[2 * spike + 1]! - 1; arrival >= begin; arrival--) {
        factor -= FACTORS;
        const place = origin[2 * arrival]! + column;
        const excTerm = adjointExc * arrivalFactors[factor]!;
        const inhTerm = adjointInh * arrivalFactors[factor + 1]!;
        const psp = arrivalFactors[factor + 2]!;
        gradient[place] = gradient[place]! + (excTerm + inhTerm) + membrane * psp;
        const source = origin[2 * arrival + 1]!;
        if (source === -1) continue;
        const decayed = arrivalFactors[factor]! + arrivalFactors[factor + 1]!;
        const adjointTerm = rates[0]! * excTerm + rates[1]! * inhTerm;
        spikeTimeGradient[source] =
          spikeTimeGradient[source]! + weights[place]! * (adjointTerm + adjointRate * (psp - decayed));
      }
      const before = previous[spike]!;
      if (before === -1) break;
      adjointExc = adjointExc * spikes[at + FREE + 1]! + membrane * spikes[at + FREE + 2]!;
      adjointInh = adjointInh * spikes[at + FREE + 3]! + membrane * spikes[at + FREE + 4]!;
      released = spikes[at + END_SLOPE]! * membrane * spikes[at + FREE]!;
      const held = bounds[2 * before + 1]!;
      for (arrival = begin - 1; arrival >= held; arrival--) {
        factor -= FACTORS;
        const place = origin[2 * arrival]! + column;
        const excTerm = adjointExc * arrivalFactors[factor]!;
        const inhTerm = adjointInh * arrivalFactors[factor + 1]!;
        gradient[place] = gradient[place]! + (excTerm + inhTerm);
        const source = origin[2 * arrival + 1]!;
        if (source === -1) continue;
        const adjointTerm = rates[0]! * excTerm + rates[1]! * inhTerm;
        spikeTimeGradient[source] = spikeTimeGradient[source]! + weights[place]! * adjointTerm;
      }
      adjointExc *= spikes[at + REFRACTORY_DECAYS]!;
      adjointInh *= spikes[at + REFRACTORY_DECAYS + 1]!;
      spike = before;
    }
  }
  counts.spikes += jumps;
  counts.cappedJumps += capped;
}

/**
 * The neurons that spike once up to the horizon, often most of them: without intervals, and with p_E = p_I = 0 at the
 * spike. What the neuron has to look back at is one number:
 *
 *     p_V = −(∂L/∂t) / V̇(t⁻)        p_E = p_V K_b(s) at an arrival s before the spike
 */
function adjointOfSingleSpikeNeurons(
  { capacity, observation, weights, gradient, counts }: AdjointPass,
  { start }: Population,
  constants: Float64Array,
  floor: number,
): void {
  const { spikeTimeGradient } = spikeTimeline(capacity);
  const { time: arrivalTime, origin } = layerArrivals(capacity);
  const { arrivalFactors, singleSpikeNeurons, singleSpikeCount } = layerTrace(capacity);
  const { time: spikeTime, index } = observation.spikes;
  let arrived = 0;
  let jumps = 0;
  let capped = 0;
  for (let entry = 0; entry < singleSpikeCount; entry++) {
    const spike = singleSpikeNeurons[entry]!;
    const time = spikeTime[spike]!;
    while (arrivalTime[arrived]! < time) arrived++;
    const jump = -spikeTimeGradient[spike]!;
    if (jump === 0) continue;
    jumps++;
    const column = index[spike]! - start;
    const own = (start + column) * CONSTANTS;
    const a = constants[own + LEAK_RATE]!;
    rates[0] = constants[own + EXC_RATE]!;
    rates[1] = constants[own + INH_RATE]!;
    let current = 0;
    for (let arrival = 0; arrival < arrived; arrival++) {
      const s = time - arrivalTime[arrival]!;
      const weight = weights[origin[2 * arrival]! + column]!;
      // Signs are random: arithmetic costs less than a branch that is guessed wrong.
      const rate = rates[+(weight < 0)]!;
      const decayed = decay(rate * s);
      arrivalFactors[2 * arrival] = decayed;
      arrivalFactors[2 * arrival + 1] = response(decayed, a * s, (rate - a) * s);
      current += weight * decayed;
    }
    const threshold = constants[own + THRESHOLD]!;
    const rise = a * (current - threshold);
    const lowest = floor * a * threshold;
    let membrane = 0;
    if (rise > 0 && rise >= lowest) {
      membrane = jump / rise;
    } else {
      capped++;
      membrane = lowest > 0 ? jump / lowest : 0;
    }
    const adjointRate = a * membrane;
    for (let arrival = 0; arrival < arrived; arrival++) {
      const place = origin[2 * arrival]! + column;
      const psp = arrivalFactors[2 * arrival + 1]!;
      gradient[place] = gradient[place]! + membrane * psp;
      const source = origin[2 * arrival + 1]!;
      if (source === -1) continue;
      spikeTimeGradient[source] =
        spikeTimeGradient[source]! + weights[place]! * (adjointRate * (psp - arrivalFactors[2 * arrival]!));
    }
  }
  counts.spikes += jumps;
  counts.cappedJumps += capped;
}

// A readout, which never spikes -----------------------------------------------------------------------------

/**
 * The adjoint of a readout changes only at samples: each neuron is walked backwards from its last sample to its first
 * arrival. An arrival s before a sample with p_V = M and p_E = p has there, with K = K_b(s),
 *
 *     p_E = p e^{−bs} + M K        b p_E − a p_V = b p e^{−bs} + a M (K − e^{−bs})
 */
export function createReadoutAdjoint(
  network: Network,
  population: Population,
  constants: Float64Array,
): StageAdjoint {
  const { start, size } = population;
  const readArrivals = createArrivalReader(network, population);
  const adjoint = new Float64Array(2);
  const flow = new Float64Array(FLOW);
  return {
    run(pass) {
      const { neuron: sampled } = pass.observation.voltages;
      const { samplesWithCotangent, sampledCount: count } = spikeTimeline(pass.capacity);
      let from = 0;
      while (from < count && sampled[samplesWithCotangent[from]!]! < start) from++;
      if (from === count) return;
      const arrived = readArrivals(pass);
      while (from < count && sampled[samplesWithCotangent[from]!]! < start + size) {
        const neuron = sampled[samplesWithCotangent[from]!]!;
        let to = from + 1;
        while (to < count && sampled[samplesWithCotangent[to]!] === neuron) to++;
        const last = samplesWithCotangent[to - 1]!;
        const end = countBefore(pass, arrived, last);
        const begin = to - 1 === from ? 0 : countBefore(pass, end, samplesWithCotangent[to - 2]!);
        adjointFromLastSample(neuron, population, begin, end, last, pass, constants);
        if (begin > 0)
          adjointOverSamples(neuron, population, begin, from, to, pass, constants, adjoint, flow);
        from = to;
      }
    },
  };
}

/** How many of the first `end` arrivals are earlier than a sample. */
function countBefore({ capacity, observation }: AdjointPass, end: number, sample: number): number {
  const { time } = layerArrivals(capacity);
  const now = observation.voltages.time[sample]!;
  let count = end;
  while (count > 0 && time[count - 1]! >= now) count--;
  return count;
}

/**
 * From the last sample of a neuron on, before which `arrived` arrivals are left. Its samples are from … to − 1 of those
 * with a cotangent.
 */
function adjointOverSamples(
  neuron: number,
  { start }: Population,
  arrived: number,
  from: number,
  to: number,
  pass: AdjointPass,
  constants: Float64Array,
  adjoint: Float64Array,
  flow: Float64Array,
): void {
  const { capacity, observation, weights, gradient, cotangent } = pass;
  const { samplesWithCotangent, spikeTimeGradient } = spikeTimeline(capacity);
  const { time: arrivalTime, origin } = layerArrivals(capacity);
  const sampleCotangent = cotangent.voltage;
  const sampleTime = observation.voltages.time;
  const column = neuron - start;
  const own = neuron * CONSTANTS;
  const a = constants[own + LEAK_RATE]!;
  // p_V at the sample; p_E and p_I are in `adjoint`.
  let membrane = sampleCotangent[samplesWithCotangent[to - 1]!]!;
  let end = arrived;
  rates[0] = constants[own + EXC_RATE]!;
  rates[1] = constants[own + INH_RATE]!;
  adjoint[0] = 0;
  adjoint[1] = 0;
  for (let sample = to - 2; sample >= from; sample--) {
    const now = sampleTime[samplesWithCotangent[sample]!]!;
    flow[0] = sampleTime[samplesWithCotangent[sample + 1]!]! - now;
    writeFlow(constants, own, flow, 0);
    adjoint[0] = adjoint[0]! * flow[1]! + membrane * flow[2]!;
    adjoint[1] = adjoint[1]! * flow[3]! + membrane * flow[4]!;
    membrane = membrane * flow[0]! + sampleCotangent[samplesWithCotangent[sample]!]!;
    const begin = sample === from ? 0 : countBefore(pass, end, samplesWithCotangent[sample - 1]!);
    const adjointRate = a * membrane;
    for (let arrival = end - 1; arrival >= begin; arrival--) {
      const s = now - arrivalTime[arrival]!;
      const place = origin[2 * arrival]! + column;
      const weight = weights[place]!;
      // Signs are random: arithmetic costs less than a branch that is guessed wrong.
      const slot = +(weight < 0);
      const rate = rates[slot]!;
      const decayed = decay(rate * s);
      const psp = response(decayed, a * s, (rate - a) * s);
      const adjointTerm = adjoint[slot]! * decayed;
      gradient[place] = gradient[place]! + adjointTerm + membrane * psp;
      const source = origin[2 * arrival + 1]!;
      if (source === -1) continue;
      spikeTimeGradient[source] =
        spikeTimeGradient[source]! + weight * (rate * adjointTerm + adjointRate * (psp - decayed));
    }
    end = begin;
  }
}

/**
 * From the last sample of a neuron to the one before, through arrivals begin … end − 1. After the last sample nothing
 * counts, so p_E = p_I = 0 there, and what arrived before it only meets the sample's own M. Losses that look at one sample
 * of each readout, such as its maximum, need nothing else.
 */
function adjointFromLastSample(
  neuron: number,
  { start }: Population,
  begin: number,
  end: number,
  sample: number,
  { capacity, observation, weights, gradient, cotangent }: AdjointPass,
  constants: Float64Array,
): void {
  const { spikeTimeGradient } = spikeTimeline(capacity);
  const { time: arrivalTime, origin } = layerArrivals(capacity);
  const column = neuron - start;
  const own = neuron * CONSTANTS;
  const a = constants[own + LEAK_RATE]!;
  rates[0] = constants[own + EXC_RATE]!;
  rates[1] = constants[own + INH_RATE]!;
  const now = observation.voltages.time[sample]!;
  const membrane = cotangent.voltage[sample]!;
  const adjointRate = a * membrane;
  for (let arrival = end - 1; arrival >= begin; arrival--) {
    const s = now - arrivalTime[arrival]!;
    const place = origin[2 * arrival]! + column;
    const weight = weights[place]!;
    // Signs are random: arithmetic costs less than a branch that is guessed wrong.
    const rate = rates[+(weight < 0)]!;
    const decayed = decay(rate * s);
    const psp = response(decayed, a * s, (rate - a) * s);
    gradient[place] = gradient[place]! + membrane * psp;
    const source = origin[2 * arrival + 1]!;
    if (source === -1) continue;
    spikeTimeGradient[source] = spikeTimeGradient[source]! + weight * (adjointRate * (psp - decayed));
  }
}

/**
 * What other modules use of this one. Copies: V8 looks an exported binding up wherever it is used, also in its own module,
 * which costs some 5 % here.
 */
export const exactAdjoint = {
  CONSTANTS,
  LEAK_RATE,
  EXC_RATE,
  INH_RATE,
  THRESHOLD,
  RESET,
  CLASS,
  FLOW,
  spikeTimeline,
  writeFlow,
  response,
  readTimeline,
} as const;
