/**
 * How a calibration reaches the neurons: routing and synapses by which single events from the FPGA drive all
 * neurons of the chip alike. Link i of the FPGA feeds PADI bus i of both hemispheres, so every driver is used and
 * errors of single synapses and drivers average out.
 *
 *     driver d: bus d mod 4, position d >> 2 compared under a mask; rows 2d excitatory, 2d + 1 inhibitory
 *     event:    link (bits 14–15), select (bits 6–10), synapse label (bits 0–5) = sign
 *
 * The mask decides how many drivers one event moves: 31 one driver per bus, 3 groups of 8, 0 all 32.
 */

import { SYNAPSES } from "../chip/config.ts";
import { defaultConfig } from "../chip/default-config.ts";
import {
  CROSSBAR_L2_INPUT,
  CROSSBAR_L2_OUTPUT,
  CROSSBAR_OUTPUTS,
  DRIVERS,
  EVENT_OUTPUTS,
  HEMISPHERES,
  PADI_BUSES,
  ROWS,
} from "../chip/limits.ts";
import type { Sign } from "../chip/nominal.ts";
import { ROW_EXCITATORY, ROW_INHIBITORY, type RoutingWords, type SynapseWords } from "../chip/types.ts";

const LABEL: Readonly<Record<Sign, number>> = { exc: 1, inh: 2 };

export interface StimulusOptions {
  /** Drivers per hemisphere and bus that one event moves. */
  readonly group: 1 | 8 | 32;
  /** Weight of all synapses, 0 … 63. */
  readonly weight: number;
}

/** Groups on one bus; an event names one of them. */
export function groupsOf(group: StimulusOptions["group"]): number {
  return DRIVERS / PADI_BUSES / group;
}

/** Label of the event that moves group `index` of bus `bus`. */
export function stimulusLabel(bus: number, index: number, sign: Sign): number {
  return (bus << 14) | (index << 6) | LABEL[sign];
}

export function stimulusSynapses(weight: number): SynapseWords {
  const label = new Uint8Array(SYNAPSES);
  const columns = SYNAPSES / (HEMISPHERES * ROWS);
  for (let row = 0; row < HEMISPHERES * ROWS; row++) {
    label.fill(row % 2 === 0 ? LABEL.exc : LABEL.inh, row * columns, (row + 1) * columns);
  }
  return { weight: new Uint8Array(SYNAPSES).fill(weight), label };
}

export function stimulusRouting(group: StimulusOptions["group"]): RoutingWords {
  const routing = silentRouting();
  routing.rowMode.forEach((_, row) => {
    routing.rowMode[row] = row % 2 === 0 ? ROW_EXCITATORY : ROW_INHIBITORY;
  });
  routing.driverMask.fill(groupsOf(group) - 1);
  for (let bus = 0; bus < PADI_BUSES; bus++) {
    for (const output of [bus, PADI_BUSES + bus]) {
      const node = (CROSSBAR_L2_INPUT + bus) * CROSSBAR_OUTPUTS + output;
      routing.nodeOn[node] = 1;
    }
  }
  return routing;
}

/** No input reaches a neuron; spikes reach the host. */
export function silentRouting(): RoutingWords {
  const { routing } = defaultConfig();
  for (let output = 0; output < EVENT_OUTPUTS; output++) {
    const node = output * CROSSBAR_OUTPUTS + CROSSBAR_L2_OUTPUT + (output % PADI_BUSES);
    routing.nodeOn[node] = 1;
  }
  return routing;
}
