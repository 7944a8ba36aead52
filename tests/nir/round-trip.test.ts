/** Networks to NIR and back: all that NIR can say returns to the last digit, and what it cannot say is refused by name. */

import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  buildNetwork,
  type Network,
  type PopulationSpec,
  type ProjectionSpec,
} from "../../src/network/network.ts";
import { parameterTheta, parameterValue, writeInitial } from "../../src/network/parameters.ts";
import { nirOf } from "../../src/nir/export.ts";
import type { NirGraph, NirNode } from "../../src/nir/graph.ts";
import { networkOfNir } from "../../src/nir/import.ts";
import { userErrorOf } from "../engine/temporary-folder.ts";

const neuron = { tauMem: 6, tauSynExc: 5.7, tauSynInh: 5.7, threshold: 1, reset: 0, refractory: 2 };
const seconds = { unit: "s", area: 1, speedup: 1 } as const;

function withParameters(network: Network, draw: () => number): Float64Array {
  const parameters = new Float64Array(network.parameters);
  writeInitial(network.segments, parameters);
  for (let i = 0; i < network.weights; i++) parameters[i] = draw();
  for (const segment of network.segments)
    for (let i = 0; i < segment.length; i++)
      parameters[segment.offset + i] = parameterTheta(
        segment,
        segment.low + (segment.high - segment.low) * (0.1 + 0.8 * Math.abs(Math.sin(i + draw()))),
      );
  return parameters;
}

const small = (
  populations: readonly Partial<PopulationSpec>[] = [{}],
  projections: readonly ProjectionSpec[] = [{ from: "input", to: "hidden", rows: 1 }],
): Network =>
  buildNetwork(
    3,
    populations.map((own) => ({ name: "hidden", model: "lif", size: 2, ...neuron, ...own })),
    projections,
    38,
  );

const graphOf = (network = small()): NirGraph =>
  nirOf(
    network,
    withParameters(network, () => 0.5),
    "s",
  ).graph;
/** The graph with a node changed. */
const changed = (name: string, change: (node: NirNode) => NirNode, graph = graphOf()): NirGraph => ({
  ...graph,
  nodes: new Map([...graph.nodes].map(([key, node]) => [key, key === name ? change(node) : node])),
});
const withArray = (name: string, key: string, values: readonly number[]) =>
  changed(name, (node) => ({
    ...node,
    arrays: { ...node.arrays, [key]: { shape: [values.length], values: Float64Array.from(values) } },
  }));
const withRefractory = (values: readonly number[]) =>
  changed("hidden", (node) => ({
    ...node,
    metadata: { refractory: { shape: [values.length], values: Float64Array.from(values) } },
  }));
const messageOf = (graph: NirGraph, options = {}): string =>
  userErrorOf(() => networkOfNir("a.nir", graph, { ...seconds, ...options })).message;

test("weights, constants, recurrence, skips and delays of any network return", () => {
  const time = fc.integer({ min: 1, max: 400 }).map((tenths) => tenths / 10);
  const shape = fc.record({
    inputs: fc.integer({ min: 1, max: 4 }),
    sizes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
    times: fc.array(fc.tuple(time, time, time), { minLength: 3, maxLength: 3 }),
    potentials: fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 20 })),
    recurrent: fc.boolean(),
    skip: fc.boolean(),
    delay: fc.constantFrom(undefined, "axonal" as const, "dendritic" as const),
    unit: fc.constantFrom("s" as const, "ms" as const, "us" as const),
    draw: fc.infiniteStream(fc.double({ min: -3, max: 3, noNaN: true })),
  });
  fc.assert(
    fc.property(shape, ({ inputs, sizes, times, potentials, recurrent, skip, delay, unit, draw }) => {
      const populations = sizes.map((size, i) => {
        const [tauMem, tauSyn, refractory] = times[i]!;
        const threshold = potentials[0] / 10;
        const constants = { tauMem, tauSynExc: tauSyn, tauSynInh: tauSyn, threshold, refractory };
        return {
          name: `p${i}`,
          model: "lif",
          size,
          reset: threshold - 0.1 - potentials[1] / 10,
          ...constants,
        };
      });
      const spec =
        delay === undefined ? {} : { delay: { kind: delay, initial: 1, maximum: 9, learningRate: 0 } };
      const projections: ProjectionSpec[] = sizes.map((_, i) => ({
        from: i === 0 ? "input" : `p${i - 1}`,
        to: `p${i}`,
        rows: 1,
        ...(i === 0 ? spec : {}),
      }));
      if (recurrent) projections.push({ from: "p0", to: "p0", rows: 1 });
      if (skip && sizes.length > 1) projections.push({ from: "input", to: `p${sizes.length - 1}`, rows: 1 });
      const network = buildNetwork(inputs, populations, projections, 38);
      const parameters = withParameters(network, () => draw.next().value as number);
      const back = networkOfNir("a.nir", nirOf(network, parameters, unit).graph, {
        unit,
        area: 1,
        speedup: 1,
      });
      expect(back.inputs).toBe(inputs);
      expect(Object.keys(back.populations)).toEqual(populations.map(({ name }) => name));
      for (const { name, size, tauMem, tauSynExc, threshold, reset, refractory } of populations) {
        const { threshold: ϑ, reset: r, ...own } = back.populations[name]!;
        const us = { tauMem: `${tauMem} us`, tauSyn: `${tauSynExc} us`, refractory: `${refractory} us` };
        expect(own).toEqual({ model: "lif", size, ...us });
        expect(ϑ).toBeCloseTo(threshold, 14);
        expect(r).toBeCloseTo(reset, 14);
      }
      expect(Object.keys(back.projections).sort()).toEqual(
        network.projections.map(({ name }) => name).sort(),
      );
      for (const { name, offset, sources, targets, delay: own } of network.projections) {
        const matrix = back.values[name] as number[][];
        expect(matrix.flat()).toEqual([...parameters.subarray(offset, offset + sources * targets)]);
        if (own === undefined) continue;
        expect(back.projections[name]!.delay!.kind).toBe(delay);
        const { segment } = own;
        const several = back.values[`delay ${name}`] as number[] | undefined;
        const found = several ?? [Number.parseFloat(back.projections[name]!.delay!.init)];
        found.forEach((value, i) => {
          expect(value).toBeCloseTo(parameterValue(segment, parameters[segment.offset + i]!), 12);
        });
      }
    }),
    { numRuns: 60 },
  );
});

test("the note of an export names the refractory times of all neurons of a population", () => {
  const network = small();
  const { start } = network.populations[0]!;
  network.constants.refractory[start] = 0;
  const { notes } = nirOf(network, new Float64Array(network.parameters), "s");
  expect(notes).toEqual([expect.stringMatching(/0 us to 2 us of `hidden` is written as metadata/)]);
});

describe("what a spike does", () => {
  const jump = (graph: NirGraph, options = {}): number =>
    (networkOfNir("a.nir", graph, { ...seconds, ...options }).values["input>hidden"] as number[][])[0]![0]!;

  it("is r · w_in / τ_syn · W · area", () => {
    const tau = 5.7e-6;
    expect(jump(withArray("hidden", "w_in", [1, 1]))).toBeCloseTo(0.5 / tau, 6);
    expect(jump(withArray("hidden", "r", [3, 3]))).toBeCloseTo(1.5, 12);
    // As discretized files have it: w_in = τ_syn/dt, and a spike of area dt.
    expect(jump(withArray("hidden", "w_in", [tau / 1e-7, tau / 1e-7]), { area: 1e-7 })).toBeCloseTo(0.5, 12);
  });

  it("is measured from the leak, which is 0 here", () => {
    const graph = withArray("hidden", "v_leak", [-65, -65]);
    const { hidden } = networkOfNir("a.nir", graph, seconds).populations;
    expect([hidden!["threshold"], hidden!["reset"]]).toEqual([66, 65]);
  });

  it("comes in microseconds from a file of milliseconds that is sped up", () => {
    const network = small([{ tauMem: 6000, tauSynExc: 5700, tauSynInh: 5700, refractory: 2000 }]);
    const { graph } = nirOf(
      network,
      withParameters(network, () => 0.5),
      "ms",
    );
    const { hidden } = networkOfNir("a.nir", graph, { unit: "ms", area: 1, speedup: 1000 }).populations;
    expect(hidden).toMatchObject({ tauMem: "6 us", tauSyn: "5.7 us", refractory: "2 us" });
  });

  it("loses what single precision added to it", () => {
    const single = changed("hidden", (node) => ({
      ...node,
      arrays: Object.fromEntries(
        Object.entries(node.arrays).map(([key, { shape, values }]) => [
          key,
          { shape, values: values.map(Math.fround) },
        ]),
      ),
    }));
    expect(networkOfNir("a.nir", single, seconds).populations["hidden"]!.tauSyn).toBe("5.7 us");
  });
});

describe("refused with the node's name", () => {
  it("unequal synaptic constants and models without a node, on export", () => {
    expect(userErrorOf(() => graphOf(small([{ tauSynInh: 3 }]))).message).toMatch(
      /`hidden` has different time constants/,
    );
    const qif = small([{ model: "qif", extra: {} }]);
    expect(userErrorOf(() => graphOf(qif)).message).toMatch(/`hidden` is qif/);
  });

  it("a delay per synapse, on export", () => {
    const delay = { kind: "synaptic", initial: 1, maximum: 6, learningRate: 0 } as const;
    const network = small([{}], [{ from: "input", to: "hidden", rows: 1, delay }]);
    expect(userErrorOf(() => graphOf(network)).message).toMatch(/input>hidden has a delay per synapse/);
  });

  it("biases, other nodes, missing resets, mixed constants, circles", () => {
    const affine = (bias: number) =>
      changed("input_to_hidden", ({ arrays, ...rest }) => ({
        ...rest,
        type: "Affine",
        arrays: { ...arrays, bias: { shape: [2], values: Float64Array.of(0, bias) } },
      }));
    expect(messageOf(affine(0.1))).toMatch(/node input_to_hidden has a bias/);
    expect(networkOfNir("a.nir", affine(0), seconds).inputs).toBe(3);
    expect(messageOf(changed("input_to_hidden", (node) => ({ ...node, type: "Conv2d" })))).toMatch(
      /is Conv2d/,
    );
    expect(messageOf(changed("hidden", (node) => ({ ...node, type: "LIF" })))).toMatch(/node hidden is LIF/);
    expect(messageOf(withArray("hidden", "tau_mem", [6e-6, 7e-6]))).toMatch(/different tau_mem/);
    expect(messageOf(withArray("hidden", "tau_syn", [0, 0]))).toMatch(/time constants/);
    expect(messageOf(withArray("hidden", "v_reset", [2, 2]))).toMatch(/threshold must be above/);
    expect(messageOf(withRefractory([2e-6, 3e-6]))).toMatch(
      /node hidden has neurons with different refractory/,
    );
    expect(messageOf(withRefractory([2e-6, 2e-6, 2e-6]))).toMatch(/3 values of refractory for 2 neurons/);
    expect(messageOf(withRefractory([Number.NaN]))).toMatch(/no number for refractory/);
    expect(messageOf(withRefractory([-1e-6]))).toMatch(/refractory time of -0\.000001/);
    const noReset = changed(
      "hidden",
      ({ arrays: { v_reset: _, ...arrays }, ...rest }) => ({ ...rest, arrays }) as NirNode,
    );
    expect(messageOf(noReset)).toMatch(/has no v_reset/);
    expect(networkOfNir("a.nir", noReset, { ...seconds, reset: 0 }).populations["hidden"]!["reset"]).toBe(0);
    const graph = graphOf();
    const flat = new Map(graph.nodes).set("flat", { type: "Flatten", arrays: {}, metadata: {} });
    const circle = [...graph.edges, ["input", "flat"], ["flat", "flat"]] as const;
    expect(messageOf({ nodes: flat, edges: circle })).toMatch(/node flat lies on a circle/);
    expect(messageOf({ ...graph, edges: [...graph.edges, ["input", "input_to_hidden"]] })).toMatch(
      /in two ways/,
    );
  });
});
