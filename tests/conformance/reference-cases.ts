/** Cases of ../shared/reference/network-gradients.json as networks, weights and inputs of this program. */

import { existsSync, readFileSync } from "node:fs";
import type { LossConfig } from "../../src/loss/index.ts";
import {
  buildNetwork,
  INPUT,
  type Network,
  type Population,
  type PopulationSpec,
  type ProjectionSpec,
  withConstants,
} from "../../src/network/network.ts";

const PATH = new URL("../../../shared/reference/network-gradients.json", import.meta.url);

interface CaseFile {
  readonly cases: readonly RawCase[];
}

interface RawCase {
  readonly name: string;
  readonly sources: number;
  readonly inputEvents: readonly (readonly [number, number])[];
  readonly neurons: readonly {
    readonly taum: number;
    readonly taus: number;
    readonly theta: number | null;
    readonly reset: number;
    readonly tref: number;
  }[];
  readonly weights: readonly (readonly number[])[];
  readonly mask: readonly (readonly number[])[];
  readonly duration: number;
  readonly loss: {
    readonly kind: "spike-times" | "max-over-time-cross-entropy" | "voltage-at";
    readonly terms?: readonly (readonly [number, number, number])[];
    readonly neurons?: readonly number[];
    readonly scale?: number;
    readonly label?: number;
  };
  readonly expected: {
    readonly spikeTimes: readonly (readonly number[])[];
    readonly loss: number;
    readonly gradient: readonly (readonly number[])[];
  };
}

export interface ReferenceCase {
  readonly name: string;
  readonly network: Network;
  readonly weights: Float64Array;
  readonly inputs: { readonly time: Float64Array; readonly source: Int32Array; from: number; to: number };
  readonly loss: LossConfig;
  readonly label: number;
  /** 1 where the case states a gradient, laid out like `weights`. */
  readonly plastic: Float64Array;
  readonly expected: {
    /** [neuron][spike] */
    readonly spikeTimes: readonly (readonly number[])[];
    readonly loss: number;
    /** Laid out like `weights`. */
    readonly gradient: Float64Array;
  };
}

/** All cases; empty when the reference data is not there. */
export function referenceCases(): readonly ReferenceCase[] {
  if (!existsSync(PATH)) return [];
  return (JSON.parse(readFileSync(PATH, "utf8")) as CaseFile).cases.map(toCase);
}

function toCase(raw: RawCase): ReferenceCase {
  const groups = layers(raw);
  const populations = groups.map(
    ({ size, from }, p): PopulationSpec => ({
      name: `p${p}`,
      model: raw.neurons[from]!.theta === null ? "li" : "lif",
      size,
      tauMem: 1,
      tauSynExc: 1,
      tauSynInh: 1,
      threshold: 1,
      reset: 0,
      refractory: 0,
    }),
  );
  const sources = [
    { name: INPUT, from: 0, size: raw.sources },
    ...groups.map(({ from, size }, p) => ({ name: `p${p}`, from: raw.sources + from, size })),
  ];
  const projections: ProjectionSpec[] = sources.flatMap((source) =>
    groups.flatMap((target, p) =>
      connected(raw, source, target) ? [{ from: source.name, to: `p${p}`, rows: 1 }] : [],
    ),
  );
  const perNeuron = (value: (neuron: RawCase["neurons"][number]) => number): Float64Array =>
    Float64Array.from(raw.neurons, value);
  const network = withConstants(buildNetwork(raw.sources, populations, projections, raw.duration), {
    tauMem: perNeuron(({ taum }) => taum),
    tauSynExc: perNeuron(({ taus }) => taus),
    tauSynInh: perNeuron(({ taus }) => taus),
    threshold: perNeuron(({ theta }) => theta ?? Number.POSITIVE_INFINITY),
    reset: perNeuron(({ reset }) => reset),
    refractory: perNeuron(({ tref }) => tref),
  });
  return {
    name: raw.name,
    network,
    weights: flatten(network, raw.weights),
    inputs: {
      time: Float64Array.from(raw.inputEvents, ([time]) => time),
      source: Int32Array.from(raw.inputEvents, ([, source]) => source),
      from: 0,
      to: raw.inputEvents.length,
    },
    loss: lossOf(raw, network),
    label: raw.loss.label ?? 0,
    expected: { ...raw.expected, gradient: flatten(network, raw.expected.gradient) },
    plastic: flatten(network, raw.mask),
  };
}

/** Populations as the case's name states them: "layers [4, 2]". */
function layers({ name }: RawCase): readonly Range[] {
  const sizes = /layers \[([\d, ]+)\]/.exec(name)?.[1];
  if (sizes === undefined) throw new Error(`no layers in the name of case ${name}`);
  let from = 0;
  return sizes.split(",").map((text) => {
    const size = Number(text);
    from += size;
    return { from: from - size, size };
  });
}

/** Whether any source of one group reaches any neuron of another. */
function connected(raw: RawCase, source: Range, target: Range): boolean {
  return raw.mask
    .slice(source.from, source.from + source.size)
    .some((row) => row.slice(target.from, target.from + target.size).includes(1));
}

interface Range {
  readonly from: number;
  readonly size: number;
}

function flatten(network: Network, matrix: readonly (readonly number[])[]): Float64Array {
  const flat = new Float64Array(network.weights);
  for (const { sourceStart, sources, targetStart, targets, offset } of network.projections) {
    for (let source = 0; source < sources; source++) {
      for (let target = 0; target < targets; target++) {
        flat[offset + source * targets + target] = matrix[sourceStart + source]![targetStart + target]!;
      }
    }
  }
  return flat;
}

function lossOf(raw: RawCase, network: Network): LossConfig {
  const output = network.populations.at(-1) as Population;
  const terms = raw.loss.terms ?? [];
  switch (raw.loss.kind) {
    case "spike-times":
      return {
        kind: "spike-time",
        terms: terms.map(([neuron, spike, coefficient]) => ({
          neuron: neuron - output.start,
          spike,
          coefficient,
        })),
      };
    case "voltage-at":
      return {
        kind: "voltage-at",
        terms: terms.map(([neuron, time, coefficient]) => ({
          neuron: neuron - output.start,
          time,
          coefficient,
        })),
      };
    case "max-over-time-cross-entropy":
      return { kind: "max-over-time", scale: raw.loss.scale ?? 1, chainScale: "exact", regularization: 0 };
  }
}
