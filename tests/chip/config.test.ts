import { describe, expect, test } from "vitest";
import { checkConfig, copyConfig, crossbarNodeExists } from "../../src/chip/config.ts";
import { defaultConfig } from "../../src/chip/default-config.ts";
import { CROSSBAR_OUTPUTS } from "../../src/chip/limits.ts";
import { UserError } from "../../src/core/errors.ts";

function complaint(act: () => void): UserError {
  try {
    act();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("checkConfig", () => {
  test("accepts the default words", () => {
    expect(() => checkConfig(defaultConfig())).not.toThrow();
  });

  test("names word, index, value and range", () => {
    const config = defaultConfig();
    config.neurons.leakBias[17] = 1023;
    const error = complaint(() => checkConfig({ neurons: config.neurons }));
    expect(error.code).toBe("chip");
    expect(error.message).toBe("leakBias[17] is 1023, must be 0 … 1022");
  });

  test.each([
    [
      "weight[131071] is 64, must be 0 … 63",
      (c: ReturnType<typeof defaultConfig>) => (c.synapses.weight[131071] = 64),
    ],
    ["label[3] is 200, must be 0 … 63", (c: ReturnType<typeof defaultConfig>) => (c.synapses.label[3] = 200)],
    ["rowMode[5] is 4, must be 0 … 3", (c: ReturnType<typeof defaultConfig>) => (c.routing.rowMode[5] = 4)],
    [
      "driverMask[0] is 32, must be 0 … 31",
      (c: ReturnType<typeof defaultConfig>) => (c.routing.driverMask[0] = 32),
    ],
    [
      "cadcRampSlope[2] is 1023, must be 0 … 1022",
      (c: ReturnType<typeof defaultConfig>) => (c.quadrants.cadcRampSlope[2] = 1023),
    ],
    [
      "holdOff[9] is 16, must be 0 … 15",
      (c: ReturnType<typeof defaultConfig>) => (c.neurons.holdOff[9] = 16),
    ],
  ])("refuses: %s", (message, spoil) => {
    const config = defaultConfig();
    spoil(config);
    expect(complaint(() => checkConfig(config)).message).toBe(message);
  });

  test("refuses sections of the wrong length, a clock that does not exist, contradictory switches", () => {
    expect(complaint(() => checkConfig({ cadcOffset: new Int8Array(512) })).message).toMatch(
      /512 words, expected 1024/,
    );
    expect(complaint(() => checkConfig({ refractoryClocks: Uint8Array.of(0, 16) })).message).toMatch(
      /refractoryClocks\[1\] is 16/,
    );
    const { neurons } = defaultConfig();
    neurons.leakDivide[4] = 1;
    neurons.leakMultiply[4] = 1;
    expect(complaint(() => checkConfig({ neurons })).message).toMatch(
      /neuron 4: leakDivide and leakMultiply/,
    );
  });

  test("refuses crossbar nodes that the chip does not have", () => {
    const { routing } = defaultConfig();
    routing.nodeOn[1 * CROSSBAR_OUTPUTS + 2] = 1;
    expect(complaint(() => checkConfig({ routing })).message).toMatch(/no node from input 1 to output 2/);
  });
});

/** The schematic of electronicvisions/halco:include/halco/hicann-dls/vx/routing_crossbar.h, inputs downwards. */
const CROSSBAR = `
  x...x...x...  .x...x...x..  ..x...x...x.  ...x...x...x
  x...x...x...  .x...x...x..  ..x...x...x.  ...x...x...x
  xxxxxxxxx...  xxxxxxxx.x..  xxxxxxxx..x.  xxxxxxxx...x
  x.......x...  .x.......x..  ..x.......x.  ...x.......x
  ....x...x...  .....x...x..  ......x...x.  .......x...x`;

test("the crossbar has the 76 nodes of the chip", () => {
  const nodes = CROSSBAR.split(/\s+/).filter((row) => row !== "");
  const ours = nodes.map((row, input) =>
    Array.from(row, (_, output) => (crossbarNodeExists(input, output) ? "x" : ".")).join(""),
  );
  expect(ours).toEqual(nodes);
  expect(ours.join("").replaceAll(".", "")).toHaveLength(76);
});

test("a copy shares no memory", () => {
  const config = defaultConfig();
  const copy = copyConfig(config);
  expect(copy.neurons).toEqual(config.neurons);
  expect(copy.refractoryClocks).toEqual(config.refractoryClocks);
  config.neurons.leak[0] = 1;
  config.synapses.weight[0] = 1;
  config.cadcOffset[0] = 1;
  config.refractoryClocks[0] = 1;
  const { neurons, synapses, cadcOffset, refractoryClocks } = copy;
  expect([neurons.leak[0], synapses.weight[0], cadcOffset[0], refractoryClocks[0]]).toEqual([629, 0, 0, 0]);
});
