import { expect, test } from "vitest";
import { defaultConfig } from "../../../src/chip/default-config.ts";
import { createWordStore } from "../../../src/chip/simulated/words.ts";

test("says what a write touched: weights alone, labels, event words, analog words", () => {
  const store = createWordStore();
  const config = defaultConfig();
  config.synapses.weight[5] = 9;
  expect(store.write({ synapses: config.synapses })).toEqual({
    neurons: false,
    converters: false,
    routing: false,
    weights: true,
  });
  config.synapses.label[5] = 9;
  expect(store.write({ synapses: config.synapses }).routing).toBe(true);
  expect(store.write({ synapses: config.synapses }).routing).toBe(false);
  config.neurons.leak[0] = 1;
  expect(store.write({ neurons: config.neurons })).toMatchObject({ neurons: true, routing: false });
  config.neurons.address[0] = 77;
  expect(store.write({ neurons: config.neurons }).routing).toBe(true);
  expect(store.write({ cadcOffset: config.cadcOffset })).toMatchObject({ converters: true, neurons: false });
});

test("weights may come alone: labels stay as they were", () => {
  const store = createWordStore();
  const { synapses } = defaultConfig();
  synapses.label[5] = 9;
  store.write({ synapses });
  const weight = synapses.weight.slice();
  weight[5] = 9;
  expect(store.write({ synapses: { weight } })).toMatchObject({ weights: true, routing: false });
  expect([store.synapses.weight[5], store.synapses.label[5]]).toEqual([9, 9]);
  weight[6] = 64;
  expect(() => store.write({ synapses: { weight } })).toThrow("weight[6] is 64, must be 0 … 63");
});

test("keeps copies", () => {
  const store = createWordStore();
  const config = defaultConfig();
  store.write(config);
  config.synapses.weight[0] = 63;
  config.neurons.leak[0] = 3;
  expect(store.synapses.weight[0]).toBe(0);
  expect(store.neurons.leak[0]).toBe(629);
});

test("a word out of range changes nothing", () => {
  const store = createWordStore();
  const config = defaultConfig();
  config.synapses.weight[100] = 64;
  config.synapses.weight[0] = 5;
  expect(() => store.write({ synapses: config.synapses })).toThrow("weight[100] is 64, must be 0 … 63");
  expect(store.synapses.weight[0]).toBe(0);
  const bad = defaultConfig();
  bad.synapses.weight[0] = 5;
  bad.neurons.reset[511] = 1023;
  expect(() => store.write(bad)).toThrow("reset[511]");
  expect(store.synapses.weight[0]).toBe(0);
  const short = { weight: new Uint8Array(3), label: new Uint8Array(3) };
  expect(() => store.write({ synapses: short })).toThrow("weight: 3 words, expected 131072");
});

test("takes what changed anywhere in the array, and says when nothing did", () => {
  const store = createWordStore();
  const { synapses } = defaultConfig();
  const last = synapses.weight.length - 1;
  synapses.weight[last] = 63;
  synapses.label[4096] = 7;
  expect(store.write({ synapses })).toMatchObject({ weights: true, routing: true });
  expect(store.synapses.weight[last]).toBe(63);
  expect(store.synapses.label[4096]).toBe(7);
  expect(store.write({ synapses })).toMatchObject({ weights: false, routing: false });
  synapses.weight[last] = 0;
  synapses.label[0] = 64;
  expect(() => store.write({ synapses })).toThrow("label[0] is 64");
  expect(store.synapses.weight[last]).toBe(63);
  synapses.label[0] = 0;
  expect(store.write({ synapses })).toMatchObject({ weights: true, routing: false });
  expect(store.synapses.weight[last]).toBe(0);
});
