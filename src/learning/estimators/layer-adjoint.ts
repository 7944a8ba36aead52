/**
 * Exact adjoint of one population that does not act on itself. The equations are in adjoint-pass.ts.
 *
 *     own events, what waits for them ─▶ all exponentials ─▶ slopes at own spikes ─▶ backwards, neuron by neuron
 */

import type { Network, Population } from "../../network/network.ts";
import { CONSTANTS, EXC_RATE, INH_RATE, LEAK_RATE } from "./adjoint-constants.ts";
import type { AdjointPass, StageAdjoint } from "./adjoint-pass.ts";
import { createLayerArrivals, type LayerArrivals } from "./layer-arrivals.ts";
import { collectEvents } from "./layer-events.ts";
import { findSlopes } from "./layer-slopes.ts";
import { EVENT, type LayerTrace, layerTrace, RELEASE, SAMPLE } from "./layer-trace.ts";
import { computeWaits } from "./layer-waits.ts";

/** `floor`: smallest slope at a spike, in 1/τ_m. */
export function createLayerAdjoint(
  network: Network,
  population: Population,
  constants: Float64Array,
  floor: number,
): StageAdjoint {
  const { start, size, model } = population;
  const arrivals = createLayerArrivals(network, population);
  const trace = layerTrace(size);
  return {
    run(pass) {
      arrivals.read(pass);
      let column = 0;
      while (column < size) {
        column = collectEvents(trace, pass, population, arrivals, constants, column);
        computeWaits(trace);
        if (model === "lif") findSlopes(trace, constants, start);
        goBack(pass, arrivals, trace, constants, start, floor);
      }
    },
  };
}

/** Each neuron from its last event to its first arrival. */
function goBack(
  pass: AdjointPass,
  { spike: arriving }: LayerArrivals,
  { neurons, first, column, events, slopes, waits, place }: LayerTrace,
  constants: Float64Array,
  start: number,
  floor: number,
): void {
  const { gradient, moved, counts } = pass;
  const pull = pass.cotangent.voltage;
  const stride = EVENT;
  const isSample = SAMPLE;
  const isRelease = RELEASE;
  let spikes = 0;
  let capped = 0;
  for (let n = 0; n < neurons; n++) {
    const own = (start + column[n]!) * CONSTANTS;
    const a = constants[own + LEAK_RATE]!;
    const b = constants[own + EXC_RATE]!;
    const change = constants[own + INH_RATE]! - b;
    const lowest = floor * a;
    // p_V, p_E and p_I at the event.
    let membrane = 0;
    let exc = 0;
    let inh = 0;
    let released = 0;
    const begin = first[n]!;
    for (let event = first[n + 1]! - 1; event >= begin; event--) {
      const at = event * stride;
      const kind = events[at]!;
      const entry = events[at + 1]!;
      const from = events[at + 2]!;
      const to = events[at + 3]!;
      const earliest = events[at + 4]!;
      if (earliest === 0 && from === to) break;
      if (kind === isSample) {
        membrane += pull[entry]!;
      } else if (kind === isRelease) {
        released = slopes[event]! * membrane;
        membrane = 0;
      } else {
        const jump = released - moved[entry]!;
        released = 0;
        if (jump !== 0) {
          const slope = slopes[event]!;
          spikes++;
          if (slope > 0 && slope >= lowest) {
            membrane = jump / slope;
          } else {
            capped++;
            membrane = lowest > 0 ? jump / lowest : 0;
          }
        }
      }
      const difference = inh - exc;
      const drive = a * membrane;
      for (let wait = to - 1; wait >= from; wait--) {
        const w = wait * 4;
        const weight = waits[w + 3]!;
        const negative = +(weight < 0);
        const adjoint = (exc + negative * difference) * waits[w + 1]! + membrane * waits[w + 2]!;
        const where = place[wait]!;
        gradient[where] = gradient[where]! + adjoint;
        const source = arriving[earliest + wait - from]!;
        if (source !== -1) {
          moved[source] = moved[source]! + weight * ((b + negative * change) * adjoint - drive * waits[w]!);
        }
      }
      if (earliest > 0) {
        const w = from * 4;
        exc = exc * waits[w - 7]! + membrane * waits[w - 6]!;
        inh = inh * waits[w - 3]! + membrane * waits[w - 2]!;
        membrane *= waits[w - 4]!;
      }
    }
  }
  counts.spikes += spikes;
  counts.cappedJumps += capped;
}
