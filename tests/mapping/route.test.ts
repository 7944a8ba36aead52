/**
 * The property that matters: for any network that is placed, an event of any source, followed through the words
 * of the chip by someone who does not know the mapping, changes each neuron by exactly its weight.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkConfig, copyConfig } from "../../src/chip/config.ts";
import type { ChipConfig } from "../../src/chip/types.ts";
import { sharedCalibration } from "../../src/mapping/calibrations.ts";
import { type MappedNetwork, mapNetwork } from "../../src/mapping/mapped-network.ts";
import { placeNetwork, tryPlace } from "../../src/mapping/place.ts";
import type { Placement } from "../../src/mapping/placement.ts";
import { wordOffsets } from "../../src/mapping/quantize.ts";
import { resourceReport } from "../../src/mapping/resources.ts";
import type { Network } from "../../src/network/network.ts";
import { handCalibration } from "./hand-calibration.ts";
import { type Edge, networkOf, yinYang } from "./networks.ts";
import { type Arrival, followExternal, followNeuron, passes, spikeLabel } from "./walker.ts";

interface Drawn {
  readonly network: Network;
  readonly exclude: Uint8Array;
  readonly seed: number;
}

const drawn: fc.Arbitrary<Drawn> = fc
  .record({
    inputs: fc.integer({ min: 1, max: 30 }),
    sizes: fc.array(fc.integer({ min: 1, max: 110 }), { minLength: 1, maxLength: 5 }),
    edges: fc.array(
      fc.record({
        from: fc.integer({ min: -1, max: 4 }),
        to: fc.integer({ min: 0, max: 4 }),
        rows: fc.integer({ min: 1, max: 4 }),
      }),
      { minLength: 1, maxLength: 8 },
    ),
    excluded: fc.uniqueArray(fc.integer({ min: 0, max: 511 }), { maxLength: 60 }),
    seed: fc.integer({ min: 1, max: 1000 }),
  })
  .map(({ inputs, sizes, edges, excluded, seed }) => {
    const unique = new Map<string, Edge>();
    for (const { from, to, rows } of edges) {
      if (from >= sizes.length || to >= sizes.length) continue;
      const source = from < 0 ? "input" : `p${from}`;
      unique.set(`${source}>p${to}`, [source, `p${to}`, rows]);
    }
    const network = networkOf(
      inputs,
      sizes.map((size, index) => [`p${index}`, size, "lif"] as const),
      [...unique.values()],
    );
    const exclude = new Uint8Array(512);
    for (const circuit of excluded) exclude[circuit] = 1;
    return { network, exclude, seed };
  });

/** Weights over the whole range of words, also beyond it; zero too. */
function weightsOf(network: Network, seed: number): Float64Array {
  return Float64Array.from({ length: network.weights }, (_, index) => Math.sin(index * 12.9898 + seed) * 5);
}

function programmed({ network, seed }: Drawn, placement: Placement): MappedNetwork {
  const mapped = mapNetwork(network, placement, sharedCalibration(network, handCalibration()));
  mapped.writeWeights(weightsOf(network, seed));
  return mapped;
}

/** Excitatory and inhibitory words that an event of `source` should deliver to each circuit. */
function wanted(mapped: MappedNetwork, source: number): Pick<Arrival, "exc" | "inh"> {
  const { network, placement, words } = mapped;
  const offsets = wordOffsets(network);
  const exc = new Int32Array(512);
  const inh = new Int32Array(512);
  network.projections.forEach((projection, p) => {
    const relative = source - projection.sourceStart;
    if (relative < 0 || relative >= projection.sources) return;
    const isInput = projection.from === "input";
    if (isInput !== source < network.inputs) return;
    for (let target = 0; target < projection.targets; target++) {
      const circuit = placement.neuron[projection.targetStart + target]!;
      for (let copy = 0; copy < projection.rows; copy++) {
        const at = offsets[p]! + (relative * projection.targets + target) * projection.rows + copy;
        const word = words[at]!;
        if (word > 0) exc[circuit] = exc[circuit]! + word;
        else inh[circuit] = inh[circuit]! - word;
      }
    }
  });
  return { exc, inh };
}

/** Sources whose events arrive differently from their weights. */
function wrongSources(mapped: MappedNetwork, config: ChipConfig): number[] {
  const { network, placement } = mapped;
  const wrong: number[] = [];
  for (let source = 0; source < network.inputs + network.neurons; source++) {
    const arrived =
      source < network.inputs
        ? followExternal(config, placement.routing.inputLabel[source]!)
        : followNeuron(config, placement.neuron[source - network.inputs]!);
    const { exc, inh } = wanted(mapped, source);
    const same =
      exc.every((word, i) => word === arrived.exc[i]) && inh.every((word, i) => word === arrived.inh[i]);
    if (!same) wrong.push(source);
  }
  return wrong;
}

describe("routing", () => {
  it("delivers every weight of every source, and nothing else, for any network that is placed", () => {
    let placed = 0;
    fc.assert(
      fc.property(drawn, (draw) => {
        const placement = tryPlace(draw.network, { exclude: draw.exclude });
        if ("resource" in placement) return;
        placed++;
        const mapped = programmed(draw, placement);
        checkConfig(mapped.config);
        expect(wrongSources(mapped, mapped.config)).toEqual([]);
      }),
      { numRuns: 60 },
    );
    expect(placed).toBeGreaterThan(20);
  });

  it("is refused only for a resource that is really short", () => {
    fc.assert(
      fc.property(drawn, ({ network, exclude }) => {
        const placement = tryPlace(network, { exclude });
        if (!("resource" in placement)) return;
        expect(placement.excess).toBeGreaterThan(0);
        if (placement.resource === "neurons") {
          // An excluded circuit takes a group of at most 8 with it, and a hemisphere can be full before the chip is.
          const needed = network.populations.reduce((sum, { name, size }) => {
            const into = network.projections.filter(({ to }) => to === name);
            const signed = into.reduce((all, { sources, rows }) => all + sources * rows, 0);
            return sum + size * (signed <= 128 ? 1 : signed <= 256 ? 2 : signed <= 512 ? 4 : 8);
          }, 0);
          const coupled = needed > network.neurons;
          const excluded = exclude.filter((flag) => flag === 1).length;
          expect(needed).toBeGreaterThan(coupled ? 512 - 8 * excluded - 16 : 512 - excluded);
        }
        if (placement.resource === "rows") {
          const into = network.projections.filter(({ to }) => to === placement.target);
          expect(into.reduce((sum, { sources, rows }) => sum + sources * rows, 0)).toBeGreaterThan(1024);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("gives spikes of all neurons a way out and labels of their own", () => {
    fc.assert(
      fc.property(drawn, (draw) => {
        const placement = tryPlace(draw.network, { exclude: draw.exclude });
        if ("resource" in placement) return;
        const { config } = programmed(draw, placement);
        const labels = new Set<number>();
        for (const circuit of placement.neuron) {
          const label = spikeLabel(config, circuit);
          labels.add(label);
          const output = label >> 8;
          expect(passes(config, output, 8 + (output % 4), label)).toBe(true);
        }
        expect(labels.size).toBe(draw.network.neurons);
      }),
      { numRuns: 40 },
    );
  });

  it("sends events of the hidden layer to the readout's hemisphere only", () => {
    const network = yinYang();
    const placement = placeNetwork(network);
    const { config } = programmed({ network, exclude: new Uint8Array(512), seed: 1 }, placement);
    for (const circuit of placement.neuron.subarray(0, 120)) {
      expect(followNeuron(config, circuit).buses).toEqual([4 + (((circuit % 256) >> 5) % 4)]);
    }
  });

  it("drives all copies of an input with one event, also over several buses", () => {
    // 112 recurrent neurons leave 4 drivers on each bus: 3 inputs of 5 copies must be split.
    const network = networkOf(
      3,
      [["hidden", 112, "lif"]],
      [
        ["hidden", "hidden", 1],
        ["input", "hidden", 5],
      ],
    );
    const placement = placeNetwork(network);
    const mapped = programmed({ network, exclude: new Uint8Array(512), seed: 3 }, placement);
    expect(wrongSources(mapped, mapped.config)).toEqual([]);
    const buses = Array.from(
      placement.routing.inputLabel,
      (label) => followExternal(mapped.config, label).buses,
    );
    expect(Math.max(...buses.map((list) => list.length))).toBeGreaterThan(1);
  });
});

describe("more than 64 sources on a bus", () => {
  // Three groups of 100 senders whose targets share one hemisphere: 75 neurons and inputs meet on each bus there.
  const groups = ["a", "b", "c"];
  const network = networkOf(
    4,
    groups.flatMap((name) => [[`${name}1`, 100, "lif"] as const, [`${name}2`, 5, "lif"] as const]),
    groups.flatMap((name): Edge[] => [
      ["input", `${name}1`, 2],
      ["input", `${name}2`, 1],
      [`${name}1`, `${name}2`, 1],
      [`${name}2`, `${name}1`, 2],
    ]),
  );
  const placement = placeNetwork(network, { constraints: { a2: 1, b2: 1, c2: 1 } });
  const mapped = programmed({ network, exclude: new Uint8Array(512), seed: 2 }, placement);

  it("are told apart by the drivers' row select", () => {
    expect(placement.routing.labeling).toBe("select");
    expect(wrongSources(mapped, mapped.config)).toEqual([]);
    const report = resourceReport(network, placement);
    expect(Math.max(...report.buses.map(({ sources }) => sources))).toBeGreaterThan(64);
    expect(Math.min(...report.buses.map(({ labelsLeft }) => labelsLeft))).toBeGreaterThanOrEqual(0);
  });

  it("negative control: collide when drivers do not compare", () => {
    const config = copyConfig(mapped.config);
    config.routing.driverMask.fill(0);
    expect(wrongSources(mapped, config).length).toBeGreaterThan(100);
  });
});

describe("more than 128 sources on a bus", () => {
  it("784 inputs of neurons of eight circuits are told apart by four groups of drivers", () => {
    const network = networkOf(784, [["hidden", 40, "lif"]], [["input", "hidden", 1]]);
    const placement = placeNetwork(network);
    expect([placement.routing.groups, placement.circuits[0]]).toEqual([4, 8]);
    const programmer = programmed({ network, exclude: new Uint8Array(512), seed: 7 }, placement);
    checkConfig(programmer.config);
    expect(wrongSources(programmer, programmer.config)).toEqual([]);
    const config = copyConfig(programmer.config);
    config.routing.driverMask.fill(16);
    expect(wrongSources(programmer, config).length).toBeGreaterThan(100);
  });
});

describe("coupled circuits", () => {
  // The published 256-246-10 of BrainScaleS-2: every circuit of the chip is used.
  const network = networkOf(
    256,
    [
      ["hidden", 246, "lif"],
      ["label", 10, "li"],
    ],
    [
      ["input", "hidden", 1],
      ["hidden", "label", 1],
    ],
  );

  it("take 256 signed inputs with two circuits: 256-246-10 fits a whole chip", () => {
    const placement = placeNetwork(network);
    expect(new Set(placement.circuits)).toEqual(new Set([2]));
    const mapped = programmed({ network, exclude: new Uint8Array(512), seed: 4 }, placement);
    checkConfig(mapped.config);
    expect(wrongSources(mapped, mapped.config)).toEqual([]);
    expect(mapped.config.couplings.reduce((sum, on) => sum + on, 0)).toBe(256);
    expect(resourceReport(network, placement).neurons).toEqual({ used: 512, excluded: 0, left: 0 });
  });

  it("negative control: without the switches half of the weights is lost", () => {
    const placement = placeNetwork(network);
    const mapped = programmed({ network, exclude: new Uint8Array(512), seed: 4 }, placement);
    const config = copyConfig(mapped.config);
    config.couplings.fill(0);
    expect(wrongSources(mapped, config).length).toBeGreaterThan(200);
  });

  it("are as many as the file wishes, aligned to their number, never with an excluded circuit among them", () => {
    const small = networkOf(20, [["hidden", 30, "lif"]], [["input", "hidden", 1]]);
    const exclude = new Uint8Array(512);
    exclude[1] = exclude[13] = exclude[300] = 1;
    const placement = placeNetwork(small, { exclude, circuits: { hidden: 8 } });
    for (const first of placement.neuron) {
      expect(first % 8).toBe(0);
      expect(exclude.subarray(first, first + 8).includes(1)).toBe(false);
    }
    const mapped = programmed({ network: small, exclude, seed: 6 }, placement);
    expect(wrongSources(mapped, mapped.config)).toEqual([]);
  });

  it("are refused with numbers: one excluded circuit takes a group with it", () => {
    const exclude = new Uint8Array(512);
    exclude[77] = 1;
    expect(tryPlace(network, { exclude })).toMatchObject({ resource: "neurons", excess: 2 });
    const wide = networkOf(1100, [["hidden", 2, "lif"]], [["input", "hidden", 1]]);
    expect(tryPlace(wide, {})).toMatchObject({
      resource: "rows",
      message: expect.stringContaining("its 8 circuits have 2048, 152 too few"),
    });
  });
});

describe("negative control: the walker notices", () => {
  const network = yinYang();
  const placement = placeNetwork(network);
  const mapped = programmed({ network, exclude: new Uint8Array(512), seed: 5 }, placement);
  const spoilt = (spoil: (config: ChipConfig) => void): number[] => {
    const config = copyConfig(mapped.config);
    spoil(config);
    return wrongSources(mapped, config);
  };

  it("a closed crossbar node", () => {
    const output = placement.neuron[0]! >> 5;
    expect(spoilt(({ routing }) => routing.nodeOn.fill(0, output * 12, output * 12 + 8))).toContain(5);
  });

  it("two sources with one label", () => {
    const [first, second] = [0, 1, 2, 3, 4].filter(
      (input, _, all) =>
        all.filter((other) => placement.routing.inputBuses[other] === placement.routing.inputBuses[input])
          .length > 1,
    ) as [number, number];
    const labelOf = (input: number): number => placement.routing.inputLabel[input]! & 63;
    const wrong = spoilt(({ synapses }) => {
      for (let i = 0; i < synapses.label.length; i++) {
        if (synapses.label[i] === labelOf(second)) synapses.label[i] = labelOf(first);
      }
    });
    expect(wrong).toContain(first);
    expect(wrong).toContain(second);
  });

  it("a row of the other sign", () => {
    const wrong = spoilt(({ routing }) => {
      for (let row = 0; row < 512; row++) if (routing.rowMode[row] === 2) routing.rowMode[row] = 1;
    });
    const inhibited = Array.from({ length: 125 }, (_, source) => source).filter((source) =>
      wanted(mapped, source).inh.some((word) => word > 0),
    );
    expect(inhibited.length).toBeGreaterThan(10);
    expect(wrong).toEqual(inhibited);
  });
});
