/**
 * The exact adjoint of a stage of any models, with delays and learned constants. One rule for all of them; the closed
 * forms of LIF (exact-adjoint.ts) are its special case. The derivation is in docs/method.md, section 6.
 *
 * With x the state of a neuron, f its motion in the present mode (free, or held after a spike), g = V − h − ϑ, R what a
 * spike does to the state, and p = ∂L/∂x, backwards in time:
 *
 *     between events        ṗ = −f_xᵀ p
 *     arrival of weight w   ∂L/∂w += p_E;  s = p·(f(x⁻) − f(x⁺)) = w (b p_E − a p_V);  D of its spike, ∂L/∂delay += s
 *     release at r          s = p·(f_held − f_free) = −V̇ p_V;  D of the neuron's spike, ∂L/∂t_ref += s
 *     own spike             j = [ (f(x⁺) − R f(x⁻))·p⁺ − D ] / ġ(x⁻);  p⁻ = Rᵀ p⁺ + g_x j
 *                           ∂L/∂ϑ −= j;  ∂L/∂V_r += p_V⁺;  ∂L/∂b += p_w⁺;  ∂L/∂c += p_h⁺
 *     sample of V           p_V += ∂L/∂V
 *     constants of f        ∂L/∂θ += ∫ p·f_θ dt
 *
 * Each neuron is first followed forwards along its observed spikes; what happens to it is written to a tape. Then the
 * tape is read backwards: neuron by neuron where the stage does not act on itself, else in descending time over all.
 *
 * Spikes of a chip are not quite those of the model. A model that is not linear runs away above its threshold, so there
 * the slope ġ is taken where the model itself crosses when it is early (it then waits at the threshold), and at its own
 * state when it is late. Linear models take it at the threshold, as the closed forms do.
 *
 * Such a model may hesitate long before it runs away: there V̇ is nearly 0 and ∂T/∂V = 1/V̇ nearly infinite, though V̇ is
 * large at the threshold. So the floor under slopes holds along the whole way back to the spike: |p_V| before a spike
 * stays below |D|/(floor/τ_m), which is what a slope at the floor would give.
 *
 * One module, though long: the way forwards, the tape and the way back are one algorithm.
 */

import type { Cotangent } from "../loss/types.ts";
import {
  createAdaptiveNeurons,
  moveFree,
  type NetworkNeuron,
  slopeAtSpike,
} from "../network/adaptive-neurons.ts";
import { createDeliveryReader, type Deliveries } from "../network/deliveries.ts";
import type { Stage } from "../network/graph.ts";
import type { Network } from "../network/network.ts";
import type { Observation } from "../network/observation.ts";
import { createParameterValues, type ParameterValues } from "../network/parameters.ts";
import { createOwnSpikes } from "../network/spike-order.ts";
import {
  type AdaptiveNeuron,
  E,
  H,
  I,
  membraneSlope,
  moveHeld,
  moveHeldBack,
  resetState,
  STATE,
  V,
  W,
} from "../neuron/adaptive.ts";
import { moveLinear, moveLinearBack } from "../neuron/linear-flow.ts";
import { moveNonlinearBack, type StepRecord } from "../neuron/runge-kutta.ts";
import type { GradientCounts } from "./types.ts";

/** One sample on its way back. */
export interface GeneralPass {
  readonly observation: Observation;
  /** Weights, then what else is learned. */
  readonly parameters: Float64Array;
  readonly cotangent: Cotangent;
  /** [spike] ∂L/∂t of it; arrivals add to it. */
  readonly spikeTimeGradient: Float64Array;
  readonly gradient: Float64Array;
  readonly counts: GradientCounts;
  /** Spikes of the observation, and of its inputs, that can matter: those before the last cotangent. */
  readonly spikes: number;
  readonly inputs: number;
  /** The time of the last cotangent. */
  readonly horizon: number;
}

/** Up to this distance the model spikes when the spike was observed: the clock of a chip, µs. */
const OFF_TIME = 0.008;

/** What is on the tape. */
const FREE = 0;
const HELD = 1;
/** The model has crossed; the observed spike is still to come. */
const WAITING = 2;
const ARRIVAL = 3;
const RELEASE = 4;
const SPIKE = 5;
const SAMPLE = 6;
/** A maximum that lies at an arrival and moves with it. */
const PEAK = 7;

/** Numbers of a stretch (FREE, HELD, WAITING): the state at its start, V and w at its end, its length. */
const NUMBERS = STATE + 3;
const END = STATE;
const LENGTH = STATE + 2;
/** Of an arrival and a release: the rate with which V moves after it, V̇ after it. Of a peak: V̇ before the arrival. */
const VALUE = 0;
/** Of a spike: ġ before it, how it changes ẇ, and V̇ after it where the neuron is free at once. */
const SLOPE = 0;
const ADAPT_CHANGE = 1;
const FREE_SLOPE = 2;

class Tape implements StepRecord {
  count = 0;
  kind = new Uint8Array(256);
  /** When an event happens; stretches have none. */
  time = new Float64Array(256);
  /** ARRIVAL: weight, delay, cause. RELEASE, SPIKE: the spike. SAMPLE: the sample. PEAK: the sample, delay, cause. */
  subject = new Int32Array(256);
  delay = new Int32Array(256);
  cause = new Int32Array(256);
  numbers = new Float64Array(256 * NUMBERS);

  /** Forgets all entries from `count` on. */
  cut(count: number): void {
    this.count = count;
  }

  stretch(kind: number, x: Float64Array, s: number): number {
    const at = this.next(kind) * NUMBERS;
    for (let k = 0; k < STATE; k++) this.numbers[at + k] = x[k]!;
    this.numbers[at + LENGTH] = s;
    return at;
  }

  step(from: Float64Array, s: number, v: number, w: number): void {
    const at = this.stretch(FREE, from, s);
    this.numbers[at + END] = v;
    this.numbers[at + END + 1] = w;
  }

  /** Returns where its numbers start. */
  event(kind: number, time: number, subject: number, delay = -1, cause = -1): number {
    const entry = this.next(kind);
    this.time[entry] = time;
    this.subject[entry] = subject;
    this.delay[entry] = delay;
    this.cause[entry] = cause;
    return entry * NUMBERS;
  }

  private next(kind: number): number {
    if (this.count === this.kind.length) this.grow();
    this.kind[this.count] = kind;
    return this.count++;
  }

  private grow(): void {
    const size = 2 * this.kind.length;
    this.kind = longer(this.kind, new Uint8Array(size));
    this.time = longer(this.time, new Float64Array(size));
    this.subject = longer(this.subject, new Int32Array(size));
    this.delay = longer(this.delay, new Int32Array(size));
    this.cause = longer(this.cause, new Int32Array(size));
    this.numbers = longer(this.numbers, new Float64Array(size * NUMBERS));
  }
}

function longer<A extends Uint8Array | Int32Array | Float64Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

/** A neuron and its part of the tape: entries from … at − 1 are still to be read. */
interface Row {
  readonly member: NetworkNeuron;
  readonly p: Float64Array;
  /** Undefined when none of its constants is learned. */
  readonly integrals: ConstantIntegrals | undefined;
  from: number;
  at: number;
  /** Largest |p_V| before the spike that was read last, and whether that spike has been counted as capped. */
  cap: number;
  capped: boolean;
}

/** What is known of a neuron's own part of the observation. */
interface OwnPart {
  /** Its spikes: times[from … to − 1], and which spikes of the observation they are. */
  readonly times: Float64Array;
  readonly spikes: Int32Array;
  spikeFrom: number;
  spikeTo: number;
  sampleFrom: number;
  sampleTo: number;
  /** Nothing later matters. */
  end: number;
}

/** @param floor smallest slope at a spike, in 1/τ_m */
export function createGeneralAdjoint(
  network: Network,
  { populations, recurrent }: Stage,
  floor: number,
): (pass: GeneralPass) => void {
  const values = createParameterValues(network);
  const tape = new Tape();
  const groups = populations.map((population) => {
    const members = createAdaptiveNeurons(network, population);
    return {
      population,
      members,
      reader: createDeliveryReader(network, population, values),
      own: createOwnSpikes(population),
      next: new Int32Array(population.size + 1),
      rows: members.neurons.map(
        (member): Row => ({
          member,
          p: new Float64Array(STATE),
          integrals: members.learned.length > 0 ? createConstantIntegrals() : undefined,
          from: 0,
          at: 0,
          cap: Number.POSITIVE_INFINITY,
          capped: false,
        }),
      ),
    };
  });
  const all = groups.flatMap(({ rows }) => rows);
  let spikeOf = new Int32Array(256);

  return (pass) => {
    if (values.update(pass.parameters)) for (const { members } of groups) members.refresh(values);
    const { observation, spikes, inputs, spikeTimeGradient } = pass;
    const { time: spikeTime, index: spiker } = observation.spikes;
    const { neuron: sampled, count: samples, time: sampleTime } = observation.voltages;
    if (spikeOf.length < spikes) spikeOf = new Int32Array(2 * spikes);
    tape.cut(0);
    let sample = 0;
    for (const { population, reader, own, next, rows } of groups) {
      const { start, size } = population;
      own.update({ count: spikes, time: spikeTime, index: spiker });
      next.set(own.first);
      for (let k = 0; k < spikes; k++) {
        const column = spiker[k]! - start;
        if (column >= 0 && column < size) spikeOf[next[column]!++] = k;
      }
      reader.read(observation.inputs, inputs, observation.spikes, spikes);
      while (sample < samples && sampled[sample]! < start) sample++;
      for (let column = 0; column < size; column++) {
        const row = rows[column]!;
        const part: OwnPart = {
          times: own.time,
          spikes: spikeOf,
          spikeFrom: own.first[column]!,
          spikeTo: own.first[column + 1]!,
          sampleFrom: sample,
          sampleTo: sample,
          end: pass.horizon,
        };
        while (sample < samples && sampled[sample] === start + column) sample++;
        part.sampleTo = sample;
        // Where spikes come back nowhere, what follows the last cotangent of the neuron itself cannot matter.
        if (!recurrent) part.end = lastCotangent(part, pass.cotangent, spikeTimeGradient, sampleTime);
        row.from = tape.count;
        if (part.end !== Number.NEGATIVE_INFINITY) {
          follow(row.member.neuron, pass, reader.of(column, Number.POSITIVE_INFINITY), part, tape);
        }
        row.at = tape.count;
        row.p.fill(0);
        row.cap = Number.POSITIVE_INFINITY;
        if (row.integrals !== undefined) {
          row.integrals.clear();
          row.integrals.neuron = row.member.neuron;
        }
        if (recurrent) continue;
        while (row.at > row.from) readBack(row, pass, values, floor, tape);
        tape.cut(row.from);
      }
    }
    if (recurrent) readAllBack(all, pass, values, floor, tape);
    for (const { members, rows } of groups) {
      if (members.learned.length === 0) continue;
      rows.forEach(({ integrals }, column) => {
        for (const { offset, length, constant } of members.learned) {
          const place = length === 1 ? offset : offset + column;
          const sum = (integrals as ConstantIntegrals).of(constant?.name as string);
          pass.gradient[place] = pass.gradient[place]! + values.slope[place]! * sum;
        }
      });
    }
  };
}

function lastCotangent(
  { spikes, times, spikeFrom, spikeTo, sampleFrom, sampleTo }: OwnPart,
  { voltage }: Cotangent,
  spikeTimeGradient: Float64Array,
  sampleTime: Float64Array,
): number {
  let spike = spikeTo - 1;
  while (spike >= spikeFrom && spikeTimeGradient[spikes[spike]!] === 0) spike--;
  let end = spike >= spikeFrom ? times[spike]! : Number.NEGATIVE_INFINITY;
  for (let k = sampleFrom; k < sampleTo; k++) {
    if (voltage[k] !== 0) end = Math.max(end, sampleTime[k]!);
  }
  return end;
}

const x = new Float64Array(STATE);

/** Follows a neuron along its observed spikes up to `part.end` and writes what happens to it. */
function follow(
  neuron: AdaptiveNeuron,
  { observation, parameters, cotangent, counts }: GeneralPass,
  arrivals: Deliveries,
  part: OwnPart,
  tape: Tape,
): void {
  const { times, spikes, spikeTo, sampleTo, end } = part;
  const sampleTime = observation.voltages.time;
  const solved = neuron.intrinsic !== undefined;
  x.fill(0);
  let now = 0;
  /** The spike that holds the neuron, −1: it is free; when it releases it. */
  let holder = -1;
  let release = 0;
  /** The model has crossed its threshold before the next observed spike; ġ there. */
  let waiting = false;
  let crossingSlope = 0;
  let crossed = 0;
  let arrival = 0;
  let spike = part.spikeFrom;
  let sample = part.sampleFrom;
  for (;;) {
    while (sample < sampleTo && cotangent.voltage[sample] === 0) sample++;
    const nextArrival = arrival < arrivals.count ? arrivals.time[arrival]! : Number.POSITIVE_INFINITY;
    const nextSpike = spike < spikeTo ? times[spike]! : Number.POSITIVE_INFINITY;
    const nextSample = sample < sampleTo ? sampleTime[sample]! : Number.POSITIVE_INFINITY;
    const until = Math.min(nextArrival, nextSpike, nextSample);
    if (!(until <= end)) return;
    if (holder !== -1) {
      const stop = Math.min(release, until);
      if (stop > now) {
        tape.stretch(HELD, x, stop - now);
        moveHeld(neuron, x, stop - now);
        now = stop;
      }
      if (release <= until) {
        const at = tape.event(RELEASE, release, holder);
        tape.numbers[at + VALUE] = membraneSlope(neuron, x);
        holder = -1;
      }
    }
    if (until > now && holder === -1 && !waiting) {
      if (!solved) {
        tape.stretch(FREE, x, until - now);
        moveFree(neuron, x, until - now, false);
      } else {
        const crossing = moveFree(neuron, x, until - now, true, tape);
        if (crossing < until - now) {
          waiting = true;
          crossingSlope = membraneSlope(neuron, x);
          now += crossing;
          crossed = now;
        }
      }
    }
    if (until > now && waiting) {
      tape.stretch(WAITING, x, until - now);
      moveHeld(neuron, x, until - now);
    }
    now = until;
    const free = holder === -1 && !waiting;
    let peak = -1;
    for (; sample < sampleTo && sampleTime[sample] === now; sample++) {
      if (cotangent.voltage[sample] === 0 || !free || nextSpike === now) continue;
      tape.event(SAMPLE, now, sample);
      if (observation.voltages.areMaxima) peak = sample;
    }
    if (nextSpike === now) {
      const at = tape.event(SPIKE, now, spikes[spike]!);
      const slope = waiting ? crossingSlope : slopeAtSpike(neuron, x);
      const rise = slope + neuron.thresholdRate * x[H]!;
      tape.numbers[at + SLOPE] = rise;
      const ahead = waiting ? now - crossed : aheadOfThreshold(x[V]! - x[H]! - neuron.threshold, rise);
      if (ahead > OFF_TIME) counts.modelEarly = (counts.modelEarly ?? 0) + 1;
      if (ahead < -OFF_TIME) counts.modelLate = (counts.modelLate ?? 0) + 1;
      tape.numbers[at + ADAPT_CHANGE] =
        neuron.adaptRate * (neuron.adaptation * (neuron.reset - x[V]!) - neuron.adaptationJump);
      resetState(neuron, x);
      const instant = neuron.refractory === 0;
      tape.numbers[at + FREE_SLOPE] = instant ? membraneSlope(neuron, x) : 0;
      holder = instant ? -1 : spikes[spike]!;
      release = now + neuron.refractory;
      waiting = false;
      spike++;
    }
    if (nextArrival !== now) continue;
    const first = membraneSlope(neuron, x);
    let before = first;
    for (; arrival < arrivals.count && arrivals.time[arrival] === now; arrival++) {
      const place = arrivals.place[arrival]!;
      const delay = arrivals.delay[arrival]!;
      const cause = arrivals.cause[arrival]!;
      const at = tape.event(ARRIVAL, now, place, delay, cause);
      tape.numbers[at + VALUE] = holder === -1 && !waiting ? neuron.leakRate : 0;
      const weight = parameters[place]!;
      const slot = weight >= 0 ? E : I;
      x[slot] = x[slot]! + weight;
      if (peak === -1) continue;
      const after = membraneSlope(neuron, x);
      if (before >= 0 && after <= 0 && after < before) {
        // V is largest at this arrival, and its maximum moves with it.
        const entry = tape.event(PEAK, now, peak, delay, cause);
        tape.numbers[entry + VALUE] = first;
        peak = -1;
      }
      before = after;
    }
  }
}

/** For how long the model has been above its threshold, by its slope there; negative while it is still below. */
function aheadOfThreshold(above: number, rise: number): number {
  if (rise > 0) return above / rise;
  return above === 0 ? 0 : above * Number.POSITIVE_INFINITY;
}

const state = new Float64Array(STATE);

/** Reads the last entry of a row's part of the tape. */
function readBack(row: Row, pass: GeneralPass, values: ParameterValues, floor: number, tape: Tape): void {
  const { member, p, integrals } = row;
  const { neuron } = member;
  const entry = --row.at;
  const at = entry * NUMBERS;
  const { numbers } = tape;
  const { gradient, spikeTimeGradient, parameters, cotangent } = pass;
  const kind = tape.kind[entry]!;
  if (kind <= WAITING) {
    if (p[V] === 0 && p[W] === 0 && p[E] === 0 && p[I] === 0 && p[H] === 0) return;
    const s = numbers[at + LENGTH]!;
    for (let k = 0; k < STATE; k++) state[k] = numbers[at + k]!;
    if (kind === FREE && neuron.intrinsic !== undefined) {
      moveNonlinearBack(neuron, p, state, s, numbers[at + END]!, numbers[at + END + 1]!, integrals?.visit);
      if (Math.abs(p[V]!) > row.cap) {
        p[V] = Math.sign(p[V]!) * row.cap;
        if (!row.capped) pass.counts.cappedJumps++;
        row.capped = true;
      }
      return;
    }
    integrals?.integrate(p, state, s, kind !== FREE);
    if (kind === FREE) {
      moveLinearBack(neuron, p, s);
    } else {
      const membrane = p[V]!;
      moveHeldBack(neuron, p, s);
      // A threshold at which the model waits does not depend on how V came there.
      if (kind === WAITING) p[V] = membrane;
    }
    return;
  }
  const subject = tape.subject[entry]!;
  const cause = tape.cause[entry]!;
  const delay = tape.delay[entry]!;
  switch (kind) {
    case ARRIVAL:
    case PEAK: {
      let moved = 0;
      if (kind === PEAK) {
        moved = cotangent.voltage[subject]! * numbers[at + VALUE]!;
      } else {
        const weight = parameters[subject]!;
        const adjoint = weight >= 0 ? p[E]! : p[I]!;
        const rate = weight >= 0 ? neuron.excRate : neuron.inhRate;
        gradient[subject] = gradient[subject]! + adjoint;
        moved = weight * (rate * adjoint - numbers[at + VALUE]! * p[V]!);
      }
      if (cause !== -1) spikeTimeGradient[cause] = spikeTimeGradient[cause]! + moved;
      if (delay !== -1) gradient[delay] = gradient[delay]! + values.slope[delay]! * moved;
      return;
    }
    case RELEASE: {
      const moved = -numbers[at + VALUE]! * p[V]!;
      spikeTimeGradient[subject] = spikeTimeGradient[subject]! + moved;
      integrals?.add("refractory", moved);
      return;
    }
    case SPIKE:
      jump(row, at, subject, pass, floor, tape);
      return;
    default:
      p[V] = p[V]! + cotangent.voltage[subject]!;
      row.cap += Math.abs(cotangent.voltage[subject]!);
  }
}

/** The own spike `spike`, whose numbers start at `at`. */
function jump(
  row: Row,
  at: number,
  spike: number,
  { spikeTimeGradient, counts }: GeneralPass,
  floor: number,
  { numbers }: Tape,
): void {
  const { member, p, integrals } = row;
  const { leakRate, thresholdRate, thresholdJump } = member.neuron;
  const change =
    numbers[at + FREE_SLOPE]! * p[V]! +
    numbers[at + ADAPT_CHANGE]! * p[W]! -
    thresholdRate * thresholdJump * p[H]! -
    spikeTimeGradient[spike]!;
  if (integrals !== undefined) {
    integrals.add("reset", p[V]!);
    integrals.add("adaptationJump", p[W]!);
    integrals.add("thresholdJump", p[H]!);
  }
  p[V] = 0;
  const lowest = floor * leakRate;
  row.cap = lowest > 0 ? Math.abs(change) / lowest : Number.POSITIVE_INFINITY;
  if (change === 0) return;
  const slope = numbers[at + SLOPE]!;
  const capped = !(slope > 0 && slope >= lowest);
  row.capped = capped;
  counts.spikes++;
  if (capped) counts.cappedJumps++;
  const rise = capped ? (lowest > 0 ? change / lowest : 0) : change / slope;
  p[V] = rise;
  p[H] = p[H]! - rise;
  integrals?.add("threshold", -rise);
}

/**
 * Reads the tapes of neurons that act on each other in descending time. At equal times arrivals come first, so that
 * all that a spike does is known before its own neuron is looked at.
 */
function readAllBack(
  rows: readonly Row[],
  pass: GeneralPass,
  values: ParameterValues,
  floor: number,
  tape: Tape,
): void {
  const isStretch = (row: Row): boolean => row.at > row.from && tape.kind[row.at - 1]! <= WAITING;
  const rank = (row: Row): number => {
    const kind = tape.kind[row.at - 1]!;
    return kind === ARRIVAL || kind === PEAK ? 1 : 0;
  };
  for (;;) {
    let next: Row | undefined;
    let time = Number.NEGATIVE_INFINITY;
    for (const row of rows) {
      while (isStretch(row)) readBack(row, pass, values, floor, tape);
      if (row.at === row.from) continue;
      const own = tape.time[row.at - 1]!;
      if (own < time || (own === time && next !== undefined && rank(row) <= rank(next))) continue;
      next = row;
      time = own;
    }
    if (next === undefined) return;
    readBack(next, pass, values, floor, tape);
  }
}

// The gradient of the constants -----------------------------------------------------------------------------

// The gradient of a neuron's constants: ∂L/∂θ = ∫ p·f_θ dt over its way (general-adjoint.ts), with
//
//     τ_m: −p_V V̇/τ_m      τ_w: −p_w ẇ/τ_w      a: p_w V/τ_w      τ_e: p_E E/τ_e²  (τ_i, τ_h alike)
//     a constant of F(V):  p_V F_θ/τ_m
//
// Along recorded steps the integral is taken at the stages of the method that moves p. Closed forms are integrated by
// Gauss and Legendre's rule on pieces that are short beside every time constant, where it is exact to rounding.

/** Abscissas (the other half has the opposite sign) and weights of Gauss and Legendre's rule with 10 points on −1 … 1. */
const GAUSS = [
  [0.14887433898163122, 0.29552422471475287],
  [0.4333953941292472, 0.26926671930999635],
  [0.6794095682990244, 0.21908636251598204],
  [0.8650633666889845, 0.1494513491505806],
  [0.9739065285171717, 0.06667134430868814],
] as const;

export interface ConstantIntegrals {
  clear(): void;
  add(name: string, value: number): void;
  /** The derivative by a constant; `tauSyn` is that by both synaptic time constants together. */
  of(name: string): number;
  /** Adds weight · p·f_θ of a free neuron for all constants. */
  readonly visit: (weight: number, p: Float64Array, x: Float64Array) => void;
  /** Adds the integral over a stretch in closed form: x at its start, p at its end. */
  integrate(p: Float64Array, x: Float64Array, s: number, held: boolean): void;
  /** The neuron that the others speak of. */
  neuron: AdaptiveNeuron | undefined;
}

function createConstantIntegrals(): ConstantIntegrals {
  const sum = new Map<string, number>();
  const adjoint = new Float64Array(STATE);
  const state = new Float64Array(STATE);
  const add = (name: string, value: number): void => {
    sum.set(name, (sum.get(name) ?? 0) + value);
  };

  const visit = (weight: number, p: Float64Array, x: Float64Array, held: boolean): void => {
    const neuron = integrals.neuron as AdaptiveNeuron;
    const { leakRate, excRate, inhRate, adaptRate, thresholdRate, adaptation, intrinsic } = neuron;
    add("tauSynExc", weight * p[E]! * x[E]! * excRate * excRate);
    add("tauSynInh", weight * p[I]! * x[I]! * inhRate * inhRate);
    if (neuron.adapts) {
      add("adaptation", weight * p[W]! * adaptRate * x[V]!);
      add("tauAdaptation", -weight * p[W]! * adaptRate * adaptRate * (adaptation * x[V]! - x[W]!));
    }
    if (neuron.movesThreshold) add("tauThreshold", weight * p[H]! * x[H]! * thresholdRate * thresholdRate);
    if (held) return;
    add("tauMem", -weight * p[V]! * leakRate * membraneSlope(neuron, x));
    if (intrinsic === undefined) return;
    for (const [name, derivative] of Object.entries(intrinsic.derivatives)) {
      add(name, weight * p[V]! * leakRate * derivative(x[V]!, neuron));
    }
  };

  const integrals: ConstantIntegrals = {
    neuron: undefined,
    clear: () => sum.clear(),
    add,
    of: (name) =>
      name === "tauSyn" ? (sum.get("tauSynExc") ?? 0) + (sum.get("tauSynInh") ?? 0) : (sum.get(name) ?? 0),
    visit: (weight, p, x) => visit(weight, p, x, false),
    integrate(p, x, s, held) {
      const neuron = integrals.neuron as AdaptiveNeuron;
      const { membrane, adaptRate, thresholdRate, discriminant } = neuron;
      const fastest = Math.max(
        membrane.fastestRate,
        neuron.adapts ? Math.max(adaptRate, Math.sqrt(Math.abs(discriminant))) : 0,
        neuron.movesThreshold ? thresholdRate : 0,
      );
      const pieces = Math.max(1, Math.ceil(s * fastest));
      const half = s / pieces / 2;
      for (let piece = 0; piece < pieces; piece++) {
        const middle = (2 * piece + 1) * half;
        for (const [abscissa, weight] of GAUSS) {
          for (const u of [middle - half * abscissa, middle + half * abscissa]) {
            state.set(x);
            adjoint.set(p);
            if (held) {
              moveHeld(neuron, state, u);
              moveHeldBack(neuron, adjoint, s - u);
            } else {
              moveLinear(neuron, state, u);
              moveLinearBack(neuron, adjoint, s - u);
            }
            visit(half * weight, adjoint, state, held);
          }
        }
      }
    },
  };
  return integrals;
}
