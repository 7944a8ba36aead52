import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearestFitting, resized, type Size, sizeOf } from "../../src/mapping/fitting.ts";
import { tryPlace } from "../../src/mapping/place.ts";
import type { Network } from "../../src/network/network.ts";
import { networkOf, yinYang } from "./networks.ts";

const fits = (network: Network): boolean => !("resource" in tryPlace(network, {}));

describe("nearest fitting size", () => {
  it("really fits, and the next larger one does not", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 100, max: 540 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        (inputs, copies, hidden, rows, recurrent) => {
          const network = networkOf(
            inputs,
            [
              ["hidden", hidden, "lif"],
              ["readout", 3, "li"],
            ],
            [
              ["input", "hidden", copies],
              ["hidden", "readout", rows],
              ...(recurrent ? [["hidden", "hidden", 1] as const] : []),
            ],
          );
          fc.pre(!fits(network));
          const sizes: Size[] = [
            { kind: "inputs" },
            { kind: "population", name: "hidden" },
            { kind: "rows", name: "input>hidden" },
            { kind: "rows", name: "hidden>readout" },
          ];
          for (const size of sizes) {
            const value = nearestFitting(network, size, fits);
            if (value === undefined) continue;
            expect(value).toBeLessThan(sizeOf(network, size));
            expect(fits(resized(network, size, value))).toBe(true);
            expect(fits(resized(network, size, value + 1))).toBe(false);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it("is undefined when no value helps", () => {
    const size: Size = { kind: "population", name: "readout" };
    expect(nearestFitting(yinYang(600, true), size, fits)).toBeUndefined();
  });

  it("changes nothing but the one size", () => {
    const network = yinYang();
    const smaller = resized(network, { kind: "population", name: "hidden" }, 100);
    expect(smaller).toEqual(yinYang(100));
  });
});
