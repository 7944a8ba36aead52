/**
 * One step of all membranes, from potentials x relative to the leak and currents I:
 *
 *     x ← e^(−d/τ_m) x + P_e I_e − P_i I_i − excess + noise       I ← e^(−d/τ_s) I
 *
 * then the search for crossings near threshold. `cut`: the step is shorter than the full one.
 * Twin of assembly/step.ts and assembly/attend.ts.
 */

import { canSpike, crossing, crossingsUp, endsAbove, NEVER } from "./crossing.ts";
import { bend, excessIntegral, excessOfStep, slope } from "./currents.ts";
import { propagate } from "./propagators.ts";
import { enqueue } from "./queue.ts";
import { railed } from "./rails.ts";
import { f } from "./single.ts";
import type { OracleState } from "./state.ts";
import { bytes, draw } from "./streams.ts";

function advanceLane(state: OracleState, lane: number, cut: boolean, word: number): void {
  const { lanes, length } = state;
  const x0 = lanes.x[lane]!;
  const e0 = lanes.ie[lane]!;
  const i0 = lanes.ii[lane]!;
  const { am, ae, ai, pe, pi } = cut ? propagate(state, lane, length) : fullStep(state, lane);
  const kick = cut ? f(lanes.sigma[lane]! * f(Math.sqrt(f(1 - f(am * am))))) : lanes.kick[lane]!;
  const noise = f(kick * bytes(word));
  const lostE = cut
    ? excessIntegral(state, lane, "exc", length, am, ae, e0)
    : excessOfStep(state, lane, "exc", e0);
  const lostI = cut
    ? excessIntegral(state, lane, "inh", length, am, ai, i0)
    : excessOfStep(state, lane, "inh", i0);
  const linear = f(f(f(am * x0) + f(f(pe * e0) - f(pi * i0))) + noise);
  const x1 = f(f(linear - lostE) + lostI);
  const e1 = f(ae * e0);
  const i1 = f(ai * i0);
  lanes.x[lane] = railed(state, lane, { x0, x1, e0, i0, e1, i1, noise, length });
  lanes.ie[lane] = e1;
  lanes.ii[lane] = i1;

  const ramp = f(noise * f(1 / length));
  const smooth = slope(state, lane, x0, e0, i0);
  lanes.ramp[lane] = ramp;
  lanes.start[lane] = 0;
  lanes.startX[lane] = x0;
  lanes.startSlope[lane] = f(smooth + ramp);
  lanes.startBend[lane] = bend(state, lane, smooth, e0, i0);
}

function fullStep({ lanes }: OracleState, lane: number): ReturnType<typeof propagate> {
  return {
    am: lanes.am[lane]!,
    ae: lanes.ae[lane]!,
    ai: lanes.ai[lane]!,
    pe: lanes.pe[lane]!,
    pi: lanes.pi[lane]!,
  };
}

export function advance(state: OracleState, cut: boolean): void {
  const { plan, streams } = state;
  for (let vector = 0; vector < plan.vectors; vector++) {
    const word = draw(streams.membrane);
    for (let lane = 4 * vector; lane < 4 * vector + 4; lane++) advanceLane(state, lane, cut, word[lane & 3]!);
  }
  if (!state.adex) examine(state);
}

/** Crossings of the lanes near threshold. */
function examine(state: OracleState): void {
  const { lanes, plan } = state;
  const up: number[] = [];
  for (let lane = 0; lane < 4 * plan.vectors; lane++) {
    const near = lanes.near[lane]!;
    if (!(Math.max(lanes.startX[lane]!, lanes.x[lane]!) >= near) || !canSpike(state, lane)) continue;
    if (endsAbove(state, lane)) {
      up.push(lane);
      continue;
    }
    const time = crossing(state, lane);
    if (time !== NEVER) enqueue(state, lane, time);
  }
  crossingsUp(state, up).forEach((time, k) => {
    enqueue(state, up[k]!, time);
  });
}
