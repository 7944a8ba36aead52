import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type NetworkPart, placeInRuns } from "../../src/mapping/partition.ts";
import type { PlacementOptions } from "../../src/mapping/placement.ts";
import type { Network } from "../../src/network/network.ts";
import { type Edge, networkOf, yinYang } from "./networks.ts";

function runsOf(network: Network, options: PlacementOptions = {}): readonly NetworkPart[] {
  const placed = placeInRuns(network, options);
  if (!("parts" in placed)) throw new Error("it fits at once");
  return placed.parts;
}

/** 784 inputs, 256 hidden neurons, 10 labels. */
const images = networkOf(
  784,
  [
    ["hidden", 256, "lif"],
    ["label", 10, "li"],
  ],
  [
    ["input", "hidden", 1],
    ["hidden", "label", 1],
  ],
);

describe("a network that is larger than a chip", () => {
  it("784-256-10 takes five runs: four slices of the hidden layer, then the labels", () => {
    const parts = runsOf(images);
    const named = parts.map(({ slices }) =>
      slices.map(({ population, first, size }) => [population.name, first, size]),
    );
    expect(named).toEqual([
      [["hidden", 0, 64]],
      [["hidden", 64, 64]],
      [["hidden", 128, 64]],
      [["hidden", 192, 64]],
      [["label", 0, 10]],
    ]);
    expect(parts.map(({ network }) => network.inputs)).toEqual([784, 784, 784, 784, 256]);
    expect(Array.from(parts[4]!.sources)).toEqual(Array.from({ length: 256 }, (_, k) => 784 + k));
  });

  it("is cut so that every neuron and every weight is in one part, in its place", () => {
    const chain = fc.record({
      inputs: fc.integer({ min: 1, max: 40 }),
      sizes: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 }),
      skip: fc.boolean(),
      usable: fc.integer({ min: 24, max: 64 }),
    });
    let cut = 0;
    fc.assert(
      fc.property(chain, ({ inputs, sizes, skip, usable }) => {
        const edges = sizes.map((_, k): Edge => [k === 0 ? "input" : `p${k - 1}`, `p${k}`, 1]);
        if (skip && sizes.length > 1) edges.push(["input", `p${sizes.length - 1}`, 1]);
        const populations = sizes.map((size, k) => [`p${k}`, size, "lif"] as const);
        const network = networkOf(inputs, populations, edges);
        const exclude = Uint8Array.from({ length: 512 }, (_, circuit) =>
          circuit % 256 < usable / 2 ? 0 : 1,
        );
        const placed = placeInRuns(network, { exclude });
        if (!("parts" in placed)) return;
        cut++;
        const weights = placed.parts.flatMap((part) => Array.from(part.weights)).sort((a, b) => a - b);
        expect(weights).toEqual(Array.from({ length: network.weights }, (_, k) => k));
        const neurons = placed.parts.flatMap((part) => Array.from(part.neurons)).sort((a, b) => a - b);
        expect(neurons).toEqual(Array.from({ length: network.neurons }, (_, k) => k));
        const done = new Set(Array.from({ length: inputs }, (_, k) => k));
        for (const part of placed.parts) {
          // What a part needs was recorded before.
          expect(Array.from(part.sources).every((source) => done.has(source))).toBe(true);
          for (const projection of part.network.projections) {
            const whole = network.projections.find(({ name }) => name === projection.name)!;
            const source = projection.sourceStart;
            const known =
              source < part.network.inputs
                ? part.sources[source]
                : inputs + part.neurons[source - part.network.inputs]!;
            expect(known).toBe(whole.sourceStart);
            const target = part.neurons[projection.targetStart]! - whole.targetStart;
            expect(part.weights[projection.offset]).toBe(whole.offset + target);
          }
          for (const neuron of part.neurons) done.add(inputs + neuron);
        }
      }),
      { numRuns: 30 },
    );
    expect(cut).toBeGreaterThan(5);
  });

  it("is placed at once where it fits", () => {
    expect("parts" in placeInRuns(yinYang())).toBe(false);
  });

  it("is refused with numbers where it has loops, or a single neuron does not fit", () => {
    const loops = yinYang(600, true);
    expect(() => placeInRuns(loops)).toThrow(
      /has 603 of .* too few\. A network with loops cannot be cut into runs/,
    );
    const wide = networkOf(1100, [["hidden", 2, "lif"]], [["input", "hidden", 1]]);
    expect(() => placeInRuns(wide)).toThrow(/its 8 circuits have 2048, 152 too few\.$/);
  });
});
