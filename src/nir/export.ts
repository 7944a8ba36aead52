/**
 * A network with its weights as a NIR graph.
 *
 * NIR's CubaLIF:  τ_syn İ = −I + w_in Σ W S(t),   τ_mem V̇ = v_leak − V + r I,   V → v_reset at v_threshold, where S is
 * a sum of Dirac pulses. So a spike makes I jump by w_in W / τ_syn; with w_in = τ_syn and r = 1 it jumps by W, which is
 * what a weight is here.
 */

import { UserError } from "../core/errors.ts";
import { formatTime } from "../core/units.ts";
import { INPUT, type Network, type Population, type Projection } from "../network/network.ts";
import { parameterValue } from "../network/parameters.ts";
import type { NirArray, NirGraph, NirNode } from "./graph.ts";
import { TIME_UNITS, type TimeUnit } from "./time-units.ts";

export interface NirExport {
  readonly graph: NirGraph;
  /** What the graph cannot say. */
  readonly notes: readonly string[];
}

/**
 * @param parameters all that is learned: weights, delays, constants
 * @throws UserError("compatibility") for what NIR has no node for
 */
export function nirOf(network: Network, parameters: Float64Array, unit: TimeUnit): NirExport {
  const learned = { ...network, constants: learnedConstants(network, parameters) };
  const notes: string[] = [];
  const nodes = new Map<string, NirNode>();
  const edges: (readonly [string, string])[] = [];
  /** Adds a node under a name that is free, and returns the name. */
  const add = (wanted: string, node: NirNode): string => {
    let name = wanted;
    while (nodes.has(name)) name += "_";
    nodes.set(name, node);
    return name;
  };
  add(INPUT, { type: "Input", arrays: { shape: vector([network.inputs]) }, metadata: {} });
  for (const population of network.populations) {
    const { node, note } = neuronNode(learned, population, unit);
    add(population.name, node);
    if (note !== undefined) notes.push(note);
  }
  for (const projection of network.projections) {
    const { from, to } = projection;
    const name = `${from}_to_${to}`;
    const delay = delayOf(projection, parameters, unit);
    const chain: { readonly name: string; readonly type: string; readonly arrays: NirNode["arrays"] }[] = [
      { name, type: "Linear", arrays: { weight: transposed(projection, parameters) } },
    ];
    if (delay !== undefined) {
      const node = { name: `${name}_delay`, type: "Delay", arrays: { delay: delay.values } };
      if (delay.kind === "axonal") chain.unshift(node);
      else chain.push(node);
    }
    let last = from;
    for (const { name: wanted, type, arrays } of chain) {
      const added = add(wanted, { type, arrays, metadata: {} });
      edges.push([last, added]);
      last = added;
    }
    edges.push([last, to]);
  }
  const left = new Set(network.projections.filter(({ from, to }) => from !== to).map(({ from }) => from));
  const ends = network.populations.filter(({ name }) => !left.has(name));
  for (const { name, size } of ends) {
    const output = { type: "Output", arrays: { shape: vector([size]) }, metadata: {} };
    edges.push([name, add(ends.length === 1 ? "output" : `${name}_output`, output)]);
  }
  return { graph: { nodes, edges }, notes };
}

/** The constants of all neurons, those that were learned at their last values. */
function learnedConstants({ constants, segments }: Network, parameters: Float64Array): Network["constants"] {
  const own: Record<string, Float64Array> = Object.fromEntries(
    Object.entries(constants).map(([name, values]) => [name, values.slice()]),
  );
  for (const segment of segments) {
    const { constant, offset, length } = segment;
    if (constant === undefined) continue;
    const names = constant.name === "tauSyn" ? ["tauSynExc", "tauSynInh"] : [constant.name];
    for (const name of names)
      for (let i = 0; i < constant.size; i++)
        own[name]![constant.start + i] = parameterValue(segment, parameters[offset + (i % length)]!);
  }
  return own as unknown as Network["constants"];
}

function neuronNode(
  { constants }: Network,
  { name, model, start, size }: Population,
  unit: TimeUnit,
): { readonly node: NirNode; readonly note?: string } {
  if (!model.closedForm)
    throw new UserError("compatibility", `\`${name}\` is ${model.kind}, which NIR has no node for`, {
      hint: "NIR has CubaLIF and CubaLI, which are `lif` and `li` here",
    });
  const { tauMem, tauSynExc, tauSynInh, threshold, reset, refractory } = constants;
  const own = (values: Float64Array): Float64Array => values.slice(start, start + size);
  if (own(tauSynExc).some((tau, i) => tau !== tauSynInh[start + i]))
    throw new UserError(
      "compatibility",
      `\`${name}\` has different time constants of excitation and inhibition`,
      { hint: "NIR has one synaptic time constant per neuron; train with `tauSynInh` left out" },
    );
  const times = (values: Float64Array): NirArray =>
    vector(own(values).map((time) => time * TIME_UNITS[unit]));
  const all = (value: number): NirArray => vector(new Float64Array(size).fill(value));
  const membrane = {
    tau_mem: times(tauMem),
    tau_syn: times(tauSynExc),
    w_in: times(tauSynExc),
    r: all(1),
    v_leak: all(0),
  };
  if (!model.spikes) return { node: { type: "CubaLI", arrays: membrane, metadata: {} } };
  const node = {
    type: "CubaLIF",
    arrays: { ...membrane, v_threshold: vector(own(threshold)), v_reset: vector(own(reset)) },
    metadata: { refractory: times(refractory) },
  };
  const held = [...new Set(own(refractory))].sort((a, b) => a - b);
  if (held.every((each) => each === 0)) return { node };
  const time =
    held.length === 1 ? formatTime(held[0]!) : `${formatTime(held[0]!)} to ${formatTime(held.at(-1)!)}`;
  const note = `NIR has no refractory time; ${time} of \`${name}\` is written as metadata, which other programs may ignore`;
  return { node, note };
}

function delayOf({ name, delay }: Projection, weights: Float64Array, unit: TimeUnit) {
  if (delay === undefined) return undefined;
  const { kind, segment } = delay;
  if (kind === "synaptic")
    throw new UserError(
      "compatibility",
      `${name} has a delay per synapse; NIR has delays of sources and of targets`,
    );
  const { offset, length } = segment;
  const values = Float64Array.from(
    weights.subarray(offset, offset + length),
    (theta) => parameterValue(segment, theta) * TIME_UNITS[unit],
  );
  return { kind, values: vector(values) };
}

/** NIR's matrices have targets in rows. */
function transposed({ offset, sources, targets }: Projection, weights: Float64Array): NirArray {
  const values = new Float64Array(sources * targets);
  for (let source = 0; source < sources; source++)
    for (let target = 0; target < targets; target++)
      values[target * sources + source] = weights[offset + source * targets + target]!;
  return { shape: [targets, sources], values };
}

function vector(values: ArrayLike<number>): NirArray {
  return { shape: [values.length], values: Float64Array.from(values) };
}
