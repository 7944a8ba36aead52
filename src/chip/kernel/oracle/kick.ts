/**
 * What one event does to its targets: at the start of a step a jump of the currents; within a step, at its exact
 * time, also its effect on the membranes at the end of the step, on samples and on crossings to come. The effect of a
 * jump w after an interval d is w P(d) on the membrane and w e^(−d/τ_s) on the current, exact and additive; only the
 * excess of currents.ts is not additive and is integrated anew. Twin of assembly/kick.ts.
 */

import { laneOf } from "../lanes.ts";
import { canSpike, crossing, NEVER } from "./crossing.ts";
import { bend, excess, excessChange, excessIntegral } from "./currents.ts";
import { pathAt, pathSlopeAt } from "./path.ts";
import { propagate } from "./propagators.ts";
import { enqueue, withdraw } from "./queue.ts";
import { railed } from "./rails.ts";
import { correct, traceKick } from "./samples.ts";
import { f } from "./single.ts";
import type { OracleState } from "./state.ts";
import { bytes, draw } from "./streams.ts";

/** Jumps of the currents of a lane, and the currents just before. */
interface Jump {
  readonly we: number;
  readonly wi: number;
  readonly ie: number;
  readonly ii: number;
}

/** Target of an event in one vector: lane and jumps of its currents. */
interface Target {
  readonly lane: number;
  readonly we: number;
  readonly wi: number;
}

/** Calls `hit` with the live lanes of each vector that a row kicks; noise is drawn for all vectors in its reach. */
function eachVector(state: OracleState, row: number, hit: (targets: readonly Target[]) => void): void {
  const { kicks, lanes, plan, streams } = state;
  const { first, end } = state.reach[row]!;
  for (let vector = first; vector < end; vector++) {
    const word = state.eventNoise > 0 ? draw(streams.event) : undefined;
    const targets: Target[] = [];
    let kicked = false;
    for (let lane = 4 * vector; lane < 4 * vector + 4; lane++) {
      if (lanes.live[lane] === 0) continue;
      const entry = row * plan.count + lanes.neuron[lane]!;
      kicked ||= kicks.exc[entry] !== 0 || kicks.inh[entry] !== 0;
      let factor = 1;
      if (word !== undefined) factor = Math.max(f(1 + f(state.eventNoise * bytes(word[lane & 3]!))), 0);
      targets.push({ lane, we: f(kicks.exc[entry]! * factor), wi: f(kicks.inh[entry]! * factor) });
    }
    if (kicked) hit(targets);
  }
}

/** An external event at the start of a step. */
export function kickAtStart(state: OracleState, row: number): void {
  const { lanes } = state;
  eachVector(state, row, (targets) => {
    for (const { lane, we, wi } of targets) {
      lanes.ie[lane] = f(lanes.ie[lane]! + we);
      lanes.ii[lane] = f(lanes.ii[lane]! + wi);
    }
  });
}

/** Shift of the membrane an interval d after a jump. */
function shift(state: OracleState, lane: number, d: number, jump: Jump, saturated: boolean): number {
  const { am, ae, ai, pe, pi } = propagate(state, lane, d);
  const linear = f(f(jump.we * pe) - f(jump.wi * pi));
  if (!saturated) return linear;
  const exc = excessChange(state, lane, "exc", d, am, ae, jump.ie, jump.we);
  const inh = excessChange(state, lane, "inh", d, am, ai, jump.ii, jump.wi);
  return f(linear - f(exc - inh));
}

/** Membrane at the end of an interval d that it began at a rail, with the currents just after the jump. */
function fromRail(
  state: OracleState,
  lane: number,
  rail: number,
  d: number,
  jump: Jump,
  saturated: boolean,
): number {
  const { lanes } = state;
  const { am, ae, ai, pe, pi } = propagate(state, lane, d);
  const e0 = f(jump.ie + jump.we);
  const i0 = f(jump.ii + jump.wi);
  let x1 = f(f(am * rail) + f(f(e0 * pe) - f(i0 * pi)));
  if (saturated) {
    const exc = excessIntegral(state, lane, "exc", d, am, ae, e0);
    x1 = f(x1 - f(exc - excessIntegral(state, lane, "inh", d, am, ai, i0)));
  }
  const ends = { x0: rail, x1, e0, i0, e1: lanes.ie[lane]!, i1: lanes.ii[lane]! };
  return railed(state, lane, { ...ends, noise: 0, length: d });
}

/**
 * The jump at `from` acts on the end of the step and on samples after `from`: by its shift, but on a membrane that is
 * held at a rail only by what lifts it from there.
 */
function respond(state: OracleState, lane: number, from: number, jump: Jump, saturated: boolean): void {
  const { lanes } = state;
  const low = lanes.low[lane]!;
  const high = lanes.high[lane]!;
  const leak = lanes.leak[lane]!;
  const rest = f(state.length - from);
  const x = lanes.x[lane]!;
  const linear = shift(state, lane, rest, jump, saturated);
  let moved = Math.min(Math.max(f(x + linear), low), high);
  let part = 1;
  if (x <= low || x >= high) {
    moved = fromRail(state, lane, x, rest, jump, saturated);
    part = linear === 0 ? 0 : f(f(moved - x) / linear);
  }
  lanes.x[lane] = moved;
  correct(state, lane, from, (t, value) => {
    if (!(t > from)) return value;
    const changed = f(value + f(part * shift(state, lane, f(t - from), jump, saturated)));
    return Math.min(Math.max(changed, f(low + leak)), f(high + leak));
  });
}

/** Starts a new piece of the path of a lane that can spike, before the kick has moved its end. */
function breakPath(state: OracleState, lane: number, from: number, { we, wi, ie, ii }: Jump): void {
  const { lanes } = state;
  withdraw(state, lane);
  const x = pathAt(state, lane, from);
  const steepness = pathSlopeAt(state, lane, from);
  const exc = f(excess(state, lane, "exc", f(ie + we)) - excess(state, lane, "exc", ie));
  const inh = f(excess(state, lane, "inh", f(ii + wi)) - excess(state, lane, "inh", ii));
  const broken = f(steepness + f(f(we - wi) - f(exc - inh)));
  lanes.start[lane] = from;
  lanes.startX[lane] = x;
  lanes.startSlope[lane] = broken;
  const smooth = f(broken - lanes.ramp[lane]!);
  lanes.startBend[lane] = bend(state, lane, smooth, f(ie + we), f(ii + wi));
}

/** Kick of one lane; `again`: its crossing, if it can spike, has to be sought again afterwards. */
function kickLane(state: OracleState, { lane, we, wi }: Target, from: number, again: boolean): void {
  const { lanes } = state;
  const { ae, ai } = propagate(state, lane, f(state.length - from));
  const oldE = lanes.ie[lane]!;
  const oldI = lanes.ii[lane]!;
  const ie = f(oldE + f(we * ae));
  const ii = f(oldI + f(wi * ai));
  traceKick(state, lane, from, we, wi);
  if (lanes.open[lane] === 0) {
    lanes.ie[lane] = ie;
    lanes.ii[lane] = ii;
    return;
  }
  // A lane that is released later in the step feels the kick from its release on.
  const later = lanes.freeFrom[lane]! > from;
  const start = later ? lanes.freeFrom[lane]! : from;
  const delay = propagate(state, lane, f(start - from));
  const rest = propagate(state, lane, f(state.length - start));
  const jump: Jump = {
    we: later ? f(we * delay.ae) : we,
    wi: later ? f(wi * delay.ai) : wi,
    ie: f(oldE / rest.ae),
    ii: f(oldI / rest.ai),
  };
  if (again) breakPath(state, lane, start, jump);
  lanes.ie[lane] = ie;
  lanes.ii[lane] = ii;
  respond(state, lane, start, jump, ie > lanes.safeE[lane]! || ii > lanes.safeI[lane]!);
}

/** A spike at `from` within the step triggers `row`. */
export function kickWithin(state: OracleState, row: number, from: number): void {
  const { recurrent } = state.reach[row]!;
  eachVector(state, row, (targets) => {
    const again = (target: Target): boolean =>
      recurrent && canSpike(state, target.lane) && (target.we !== 0 || target.wi !== 0);
    for (const target of targets) kickLane(state, target, from, again(target));
    for (const target of targets) {
      if (!again(target)) continue;
      const time = crossing(state, target.lane);
      if (time !== NEVER) enqueue(state, target.lane, time);
    }
  });
}

/** Which vectors each row reaches, and which rows that neurons trigger reach neurons that can spike. */
export function reachOf(state: OracleState): OracleState["reach"] {
  const { kicks, lanes, plan } = state;
  const triggered = new Set(kicks.spikeRow.subarray(0, plan.count));
  return Array.from({ length: kicks.rows }, (_, row) => {
    let first = plan.vectors;
    let end = 0;
    let recurrent = false;
    for (let neuron = 0; neuron < plan.count; neuron++) {
      const entry = row * plan.count + neuron;
      if (kicks.exc[entry] === 0 && kicks.inh[entry] === 0) continue;
      const lane = laneOf(plan, neuron);
      first = Math.min(first, lane >> 2);
      end = (lane >> 2) + 1;
      if (triggered.has(row) && lanes.threshold[lane]! < Number.POSITIVE_INFINITY) recurrent = true;
    }
    return { first: Math.min(first, end), end, recurrent };
  });
}
