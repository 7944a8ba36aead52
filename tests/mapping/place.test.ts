import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventOutputOf, hemisphereOf } from "../../src/chip/coordinates.ts";
import { UserError } from "../../src/core/errors.ts";
import { placeNetwork, tryPlace } from "../../src/mapping/place.ts";
import type { Placement } from "../../src/mapping/placement.ts";
import type { Network } from "../../src/network/network.ts";
import { networkOf, yinYang } from "./networks.ts";

function refusal(network: Network, options = {}): UserError {
  try {
    placeNetwork(network, options);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("the network was placed");
}

function circuitsOf(network: Network, placement: Placement, name: string): number[] {
  const population = network.populations.find((candidate) => candidate.name === name);
  if (population === undefined) throw new Error(name);
  return Array.from(placement.neuron.subarray(population.start, population.start + population.size));
}

describe("placing", () => {
  it("puts Yin-Yang hidden neurons evenly over the buses of the top, the readout on the bottom", () => {
    const network = yinYang();
    const placement = placeNetwork(network);
    expect(placement.strategy).toBe("apart");
    const hidden = circuitsOf(network, placement, "hidden");
    expect(hidden.every((circuit) => hemisphereOf(circuit) === 0)).toBe(true);
    expect(circuitsOf(network, placement, "readout").every((circuit) => hemisphereOf(circuit) === 1)).toBe(
      true,
    );
    const perOutput = new Array<number>(8).fill(0);
    for (const circuit of hidden) {
      const output = eventOutputOf(circuit);
      perOutput[output] = perOutput[output]! + 1;
    }
    expect(perOutput).toEqual([15, 15, 15, 15, 15, 15, 15, 15]);
  });

  it("gives the same answer every time", () => {
    expect(placeNetwork(yinYang())).toEqual(placeNetwork(yinYang()));
  });

  it("never uses an excluded circuit", () => {
    const exclude = new Uint8Array(512);
    for (let circuit = 0; circuit < 512; circuit += 3) exclude[circuit] = 1;
    const { neuron } = placeNetwork(yinYang(), { exclude });
    expect(Array.from(neuron).filter((circuit) => exclude[circuit] === 1)).toEqual([]);
  });

  it("follows the experiment's wish for a hemisphere", () => {
    const network = yinYang();
    const placement = placeNetwork(network, { constraints: { hidden: 1, readout: 1 } });
    expect(Array.from(placement.neuron).every((circuit) => hemisphereOf(circuit) === 1)).toBe(true);
  });

  it("straddles the hemispheres when nothing else fits", () => {
    const network = networkOf(4, [["hidden", 300, "lif"]], [["input", "hidden", 2]]);
    const placement = placeNetwork(network);
    expect(placement.strategy).toBe("split");
    expect(new Set(Array.from(placement.neuron, hemisphereOf)).size).toBe(2);
  });

  it("places four hidden layers of 120: alternating layers keep 64 labels per bus", () => {
    const layers = [1, 2, 3, 4].map((index) => [`h${index}`, 120, "lif"] as const);
    const network = networkOf(
      5,
      [...layers, ["readout", 3, "li"]],
      [
        ["input", "h1", 5],
        ["h1", "h2", 1],
        ["h2", "h3", 1],
        ["h3", "h4", 1],
        ["h4", "readout", 1],
      ],
    );
    expect(placeNetwork(network).strategy).toBe("alternate");
  });

  it("uses distinct circuits for any sizes that fit", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 128 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 0, max: 80 }),
        (first, second, excluded) => {
          const exclude = new Uint8Array(512);
          for (let index = 0; index < excluded; index++) exclude[(index * 37) % 512] = 1;
          const network = networkOf(
            3,
            [
              ["a", first, "lif"],
              ["b", second, "lif"],
            ],
            [
              ["input", "a", 1],
              ["a", "b", 1],
            ],
          );
          const placement = tryPlace(network, { exclude });
          if ("resource" in placement) throw new Error(placement.message);
          expect(new Set(placement.neuron).size).toBe(network.neurons);
          expect(Array.from(placement.neuron).every((circuit) => exclude[circuit] === 0)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("refusing", () => {
  it("counts neurons", () => {
    const error = refusal(yinYang(600));
    expect(error.code).toBe("placement");
    expect(error.message).toBe(
      "Not enough neurons: the network has 603 of 624 circuits, the chip has 512, 112 too few.",
    );
  });

  it("says how many are excluded", () => {
    const exclude = new Uint8Array(512).fill(1, 100);
    expect(refusal(yinYang(), { exclude }).message).toBe(
      "Not enough neurons: the network has 123, the chip has 100 (512 less 412 excluded), 23 too few.",
    );
  });

  it("names the hemisphere that the experiment asked for", () => {
    const network = networkOf(4, [["hidden", 300, "lif"]], [["input", "hidden", 1]]);
    const error = refusal(network, { constraints: { hidden: 1 } });
    expect(error.message).toBe(
      'Not enough neurons: "hidden" has 300, hemisphere 1 has 256 left, 44 too few.',
    );
    expect(error.hint).toBe('The nearest that fits: 256 neurons in "hidden" instead of 300.');
  });

  it("refuses 120 recurrent neurons of one circuit with 5 inputs in 5 copies: 290 rows", () => {
    const error = refusal(yinYang(120, true), { circuits: { hidden: 1 } });
    expect(error.message).toContain("in-degree larger than the number of synapse rows");
    expect(error.message).toContain('each of "hidden" needs 290 rows (145 signed inputs');
    expect(error.message).toContain("34 too few");
    // 103 + 25 = 128 signed inputs.
    expect(error.hint).toContain('103 neurons in "hidden" instead of 120');
    expect(error.hint).toContain('1 row per source of "input>hidden" instead of 5');
  });

  it("refuses copies of neurons that overflow their bus although the circuit has rows left", () => {
    const network = networkOf(
      5,
      [
        ["hidden", 42, "lif"],
        ["readout", 3, "li"],
      ],
      [
        ["input", "hidden", 5],
        ["hidden", "readout", 3],
      ],
    );
    const error = refusal(network);
    // 42 neurons over four buses: 11 on the fullest, 3 copies of 2 rows each = 66; in total 252 of 256.
    expect(error.message).toContain("in-degree on a single PADI-bus larger than its number of synapse rows");
    expect(error.message).toContain(
      'each of "readout" needs 66 rows on bus 0 of hemisphere 1, it has 64, 2 too few',
    );
    expect(error.hint).toContain('40 neurons in "hidden" instead of 42');
    expect(error.hint).toContain('2 rows per source of "hidden>readout" instead of 3');
  });

  it("refuses when failed circuits leave too few event outputs of a bus", () => {
    // Only columns of event outputs 0 and 4 work: all neurons send to bus 0, which has 32 drivers.
    const exclude = Uint8Array.from({ length: 512 }, (_, circuit) =>
      eventOutputOf(circuit) % 4 === 0 ? 0 : 1,
    );
    const error = refusal(yinYang(60), { exclude });
    expect(error.message).toContain("on a single PADI-bus");
    expect(error.message).toContain("needs 120 rows on bus 0");
    expect(error.hint).toBe('The nearest that fits: 32 neurons in "hidden" instead of 60.');
  });

  it("refuses when sources on a bus run out of synapse labels however drivers are divided", () => {
    // Five layers of 100 fill the chip, so that layers straddle the hemispheres and all meet on its buses; with 28 inputs
    // each they need every driver, so that buses cannot be divided.
    const layers = [1, 2, 3, 4, 5].map((index) => `h${index}`);
    const chain = layers.slice(1).map((to, index) => [layers[index] as string, to, 1] as const);
    const network = networkOf(
      28,
      [...layers.map((name) => [name, 100, "lif"] as const), ["readout", 3, "li"]],
      [...layers.map((name) => ["input", name, 1] as const), ...chain, ["h5", "readout", 1]],
    );
    // Without the hint, whose search places the network again and again.
    expect(tryPlace(network, {})).toMatchObject({
      resource: "labels",
      excess: 43,
      message:
        "Source distribution not successful: 107 sources on bus 0 of hemisphere 1 need a synapse label each, " +
        "there are 64, 43 too few.",
    });
  });

  it("names sizes for several populations when no single one helps", () => {
    const network = networkOf(
      784,
      [
        ["hidden", 246, "lif"],
        ["readout", 10, "li"],
      ],
      [
        ["input", "hidden", 1],
        ["hidden", "readout", 1],
      ],
    );
    expect(refusal(network, { circuits: { hidden: 1, readout: 1 } }).hint).toBe(
      'It fits with 128 inputs instead of 784 together with 128 neurons in "hidden" instead of 246.',
    );
  });
});
