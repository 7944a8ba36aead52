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
    ["rowMode[5] is 3, must be 0 … 2", (c: ReturnType<typeof defaultConfig>) => (c.routing.rowMode[5] = 3)],
    [
      "driverSelect[0] is 32, must be 0 … 31",
      (c: ReturnType<typeof defaultConfig>) => (c.routing.driverSelect[0] = 32),
    ],
    [
      "cadcRampSlope[2] is 1023, must be 0 … 1022",
      (c: ReturnType<typeof defaultConfig>) => (c.quadrants.cadcRampSlope[2] = 1023),
    ],
    [
      "holdOffCycles[9] is 16, must be 0 … 15",
      (c: ReturnType<typeof defaultConfig>) => (c.neurons.holdOffCycles[9] = 16),
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
    expect(complaint(() => checkConfig({ refractoryClockScale: 16 })).message).toMatch(
      /refractoryClockScale/,
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

// grenade and halco: 8 neuron outputs reach 3 outputs each, 4 links reach all 12, 8 background sources reach one.
test("the crossbar has 80 nodes", () => {
  let nodes = 0;
  for (let input = 0; input < 20; input++) {
    for (let output = 0; output < 12; output++) if (crossbarNodeExists(input, output)) nodes++;
  }
  expect(nodes).toBe(8 * 3 + 4 * 12 + 8);
});

test("a copy shares no memory", () => {
  const config = defaultConfig();
  const copy = copyConfig(config);
  expect(copy.neurons).toEqual(config.neurons);
  expect(copy.refractoryClockScale).toBe(config.refractoryClockScale);
  config.neurons.leak[0] = 1;
  config.synapses.weight[0] = 1;
  config.cadcOffset[0] = 1;
  expect([copy.neurons.leak[0], copy.synapses.weight[0], copy.cadcOffset[0]]).toEqual([629, 0, 0]);
});
