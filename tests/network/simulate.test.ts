import { describe, expect, test } from "vitest";
import { UserError } from "../../src/core/errors.ts";
import { buildNetwork, type Network, type PopulationSpec } from "../../src/network/network.ts";
import type { Observation, RecordingRequest } from "../../src/network/observation.ts";
import { createObservation, createSampleTimes, createSimulator } from "../../src/network/simulate.ts";
import { inputSlice, li, lif, randomSample, spikesOf } from "./samples.ts";

/** One population with `inputs` sources. */
function layer(inputs: number, spec: PopulationSpec, duration = 40): Network {
  return buildNetwork(inputs, [spec], [{ from: "input", to: spec.name, rows: 1 }], duration);
}

function run(
  network: Network,
  weights: readonly number[],
  events: readonly (readonly [number, number])[],
  ...record: RecordingRequest[]
): Observation {
  const observation = createObservation(network);
  const requests =
    record.length > 0 ? record : network.populations.map((): RecordingRequest => ({ kind: "none" }));
  createSimulator(network).run(Float64Array.from(weights), inputSlice(events), requests, observation);
  return observation;
}

function samples({ voltages }: Observation): { neuron: number; time: number; value: number }[] {
  return Array.from({ length: voltages.count }, (_, k) => ({
    neuron: voltages.neuron[k]!,
    time: voltages.time[k]!,
    value: voltages.value[k]!,
  }));
}

/** V of a membrane with tau 6/6 after one input of weight w. */
const response = (w: number, s: number): number => w * (s / 6) * Math.exp(-s / 6);

describe("spikes", () => {
  test("without refractory time and reset 0 the second spike starts from the current that is left", () => {
    // First spike: row tau 6/6, w = 5.436563657 of single-neuron.json; what is left of I spikes again.
    const weight = 5.436563657;
    const [first, second] = spikesOf(run(layer(1, lif("a", 1)), [weight], [[0, 0]]), 0);
    expect(first).toBeCloseTo(1.3917657178919047, 12);
    const left = weight * Math.exp(-first! / 6);
    expect(response(left, second! - first!)).toBeCloseTo(1, 12);
  });

  test("during the refractory time V is held and the current runs on", () => {
    const refractory = 2.5;
    const [first, second] = spikesOf(run(layer(1, lif("a", 1, { refractory })), [12], [[0, 0]]), 0);
    const release = first! + refractory;
    expect(response(12 * Math.exp(-release / 6), second! - release)).toBeCloseTo(1, 12);
  });

  test("an input during the refractory time counts from its arrival", () => {
    const network = layer(2, lif("a", 1, { refractory: 4 }));
    const [first, second] = spikesOf(
      run(
        network,
        [3, 6],
        [
          [0, 0],
          [5, 1],
        ],
      ),
      0,
    );
    const release = first! + 4;
    expect(release).toBeGreaterThan(5);
    const left = 3 * Math.exp(-release / 6) + 6 * Math.exp(-(release - 5) / 6);
    expect(response(left, second! - release)).toBeCloseTo(1, 12);
  });

  test("inputs at one time add up, whatever their order", () => {
    const network = layer(2, lif("a", 1));
    const together = run(
      network,
      [1.5, 1.5],
      [
        [2, 0],
        [2, 1],
      ],
    );
    expect(spikesOf(together, 0)).toEqual(spikesOf(run(network, [3, 0], [[2, 0]]), 0));
    expect(together.spikes.count).toBe(1);
  });

  test("positive weights feed the excitatory, negative ones the inhibitory current", () => {
    const network = layer(2, li("a", 1, { tauSynExc: 3, tauSynInh: 9 }));
    const at: RecordingRequest = { kind: "at", times: [10] };
    const tail = (w: number, tau: number): number =>
      (w * (Math.exp(-8 / 6) - Math.exp(-8 / tau)) * tau) / (6 - tau);
    expect(samples(run(network, [2, -1], [[2, 0]], at))[0]!.value).toBeCloseTo(tail(2, 3), 14);
    expect(samples(run(network, [2, -1], [[2, 1]], at))[0]!.value).toBeCloseTo(tail(-1, 9), 14);
  });

  test("a spike at the end of the sample or later is not reported, one just before is", () => {
    const at = spikesOf(run(layer(1, lif("a", 1)), [3], [[0, 0]]), 0)[0]!;
    expect(run(layer(1, lif("a", 1), at), [3], [[0, 0]]).spikes.count).toBe(0);
    expect(run(layer(1, lif("a", 1), at * (1 + 1e-12)), [3], [[0, 0]]).spikes.count).toBe(1);
  });

  test("inputs at the end of the sample or later are left out", () => {
    const { inputs } = run(
      layer(1, lif("a", 1)),
      [1],
      [
        [39.9, 0],
        [40, 0],
        [41, 0],
      ],
    );
    expect(inputs.count).toBe(1);
  });

  test("equal neurons that inhibit each other spike together", () => {
    const network = buildNetwork(
      1,
      [lif("a", 3, { tauSynInh: 5 })],
      [
        { from: "input", to: "a", rows: 1 },
        { from: "a", to: "a", rows: 1 },
      ],
      40,
    );
    const { spikes } = run(network, [3, 3, 3, ...new Array<number>(9).fill(-4)], [[1, 0]]);
    expect(spikes.count).toBe(3);
    expect(new Set(spikes.time.subarray(0, 3)).size).toBe(1);
    expect([...spikes.index.subarray(0, 3)]).toEqual([0, 1, 2]);
  });

  // tau_mem, tau_syn_exc, tau_syn_inh; the tail is 17 thousand time constants, after which all is 0 in a double.
  test.each([
    [6, 6, 6],
    [12, 6, 6],
    [6, 5, 7],
    [6, 6, 6.001],
  ])("a long quiet end changes nothing, tau %i, %i, %d us", (tauMem, tauSynExc, tauSynInh) => {
    const constants = { tauMem, tauSynExc, tauSynInh, refractory: 1 };
    const see = (duration: number, recurrent: boolean) => {
      const network = buildNetwork(
        2,
        [lif("a", 2, constants), li("r", 2, constants)],
        [
          { from: "input", to: "a", rows: 1 },
          { from: "a", to: "r", rows: 1 },
          ...(recurrent ? [{ from: "a", to: "a", rows: 1 }] : []),
        ],
        duration,
      );
      const weights = [9, 6, -1, 0.5, 1, -0.5, 0.7, 0.2, 0, 0.1, -0.1, 0];
      const events = [
        [0, 0],
        [1, 1],
      ] as const;
      const { spikes, voltages } = run(
        network,
        weights.slice(0, network.weights),
        events,
        { kind: "none" },
        { kind: "maximum" },
      );
      const { count, time, index } = spikes;
      return {
        spikes: [time.slice(0, count), index.slice(0, count)],
        highest: [voltages.time.slice(0, voltages.count), voltages.value.slice(0, voltages.count)],
      };
    };
    for (const recurrent of [false, true]) {
      const short = see(300, recurrent);
      expect(short.spikes[0]?.length).toBeGreaterThanOrEqual(2);
      expect(see(1e5, recurrent)).toEqual(short);
    }
  });

  test("no input, no spike", () => {
    expect(run(layer(1, lif("a", 2)), [5, 5], []).spikes.count).toBe(0);
  });
});

describe("voltages", () => {
  test("the maximum of a readout is exact in time and value", () => {
    const [peak] = samples(run(layer(1, li("a", 1)), [0.7], [[3, 0]], { kind: "maximum" }));
    expect(peak).toEqual({ neuron: 0, time: 9, value: expect.closeTo(0.7 / Math.E, 15) });
  });

  test("a readout that only sinks has its maximum 0 at the start", () => {
    const [peak] = samples(run(layer(1, li("a", 1)), [-0.7], [[3, 0]], { kind: "maximum" }));
    expect(peak).toEqual({ neuron: 0, time: 0, value: 0 });
  });

  test("a readout that still rises has its maximum at the end", () => {
    const [peak] = samples(run(layer(1, li("a", 1), 5), [0.7], [[3, 0]], { kind: "maximum" }));
    expect(peak).toEqual({ neuron: 0, time: 5, value: expect.closeTo(response(0.7, 2), 15) });
  });

  test("a spiking neuron reaches its threshold at its first spike", () => {
    const observation = run(layer(1, lif("a", 1, { threshold: 1.2 })), [8], [[0, 0]], { kind: "maximum" });
    expect(observation.spikes.count).toBeGreaterThan(1);
    expect(samples(observation)).toEqual([{ neuron: 0, time: observation.spikes.time[0], value: 1.2 }]);
  });

  test("a grid starts at 0 and ends before the sample does", () => {
    const times = samples(run(layer(1, li("a", 1), 6), [1], [[1, 0]], { kind: "grid", period: 2 }));
    expect(times.map(({ time }) => time)).toEqual([0, 2, 4]);
    expect(times[0]!.value).toBe(0);
    expect(times[2]!.value).toBeCloseTo(response(1, 3), 15);
  });

  test("samples of a held neuron show the reset, later ones its way up", () => {
    const network = layer(1, lif("a", 1, { refractory: 3, reset: -0.2 }));
    const spike = spikesOf(run(network, [3], [[0, 0]]), 0)[0]!;
    const times = [spike - 0.1, spike, spike + 1.5, spike + 4];
    const values = samples(run(network, [3], [[0, 0]], { kind: "at", times })).map(({ value }) => value);
    expect(values[0]).toBeCloseTo(response(3, times[0]!), 14);
    expect(values.slice(1, 3)).toEqual([-0.2, -0.2]);
    const left = 3 * Math.exp(-(spike + 3) / 6);
    expect(values[3]).toBeCloseTo(-0.2 * Math.exp(-1 / 6) + response(left, 1), 14);
  });

  test("come grouped by population and neuron, for the populations that want them", () => {
    const { network, weights, inputs } = randomSample(3, { recurrent: true, refractory: 1 });
    const observation = createObservation(network);
    const record: RecordingRequest[] = [
      { kind: "maximum" },
      { kind: "none" },
      { kind: "at", times: [4, 24] },
    ];
    createSimulator(network).run(weights, inputs, record, observation);
    expect(samples(observation).map(({ neuron }) => neuron)).toEqual([0, 1, 2, 3, 4, 9, 9, 10, 10]);
  });
});

describe("a simulator", () => {
  test("gives the same result again into used buffers, after another sample", () => {
    const options = { recurrent: true, refractory: 0.5 };
    const { network, weights, inputs } = randomSample(6, options);
    const record = network.populations.map((): RecordingRequest => ({ kind: "maximum" }));
    const simulator = createSimulator(network);
    const observation = createObservation(network);
    simulator.run(weights, inputs, record, observation);
    const first = structuredClone(observation);
    expect(first.spikes.count).toBeGreaterThan(0);
    const louder = weights.map((w) => 2 * w);
    simulator.run(louder, inputs, record, observation);
    expect(observation.spikes.count).not.toBe(first.spikes.count);
    simulator.run(weights, inputs, record, observation);
    for (const list of ["spikes", "inputs"] as const) {
      expect(observation[list].count).toBe(first[list].count);
      const { count } = first[list];
      expect(observation[list].time.slice(0, count)).toEqual(first[list].time.slice(0, count));
    }
    expect(samples(observation)).toEqual(samples(first));
  });

  test("reads its slice of a batch and nothing else", () => {
    const network = layer(1, lif("a", 1));
    const observation = createObservation(network);
    const batch = { time: Float64Array.of(1, 2, 0, 5), source: new Int32Array(4), from: 2, to: 3 };
    createSimulator(network).run(Float64Array.of(3), batch, [{ kind: "none" }], observation);
    expect(observation.inputs.count).toBe(1);
    expect(spikesOf(observation, 0)).toEqual(spikesOf(run(network, [3], [[0, 0]]), 0));
  });

  test("ends a network that runs away with an error, recurrent or not", () => {
    const recurrent = buildNetwork(
      1,
      [lif("a", 2)],
      [
        { from: "input", to: "a", rows: 1 },
        { from: "a", to: "a", rows: 1 },
      ],
      40,
    );
    const away = (): Observation => run(recurrent, [4, 4, 3, 3, 3, 3], [[0, 0]]);
    expect(away).toThrow(UserError);
    expect(away).toThrow(/ran away/);
    expect(() => run(layer(1, lif("a", 1)), [1e7], [[0, 0]])).toThrow(/ran away/);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e308])("refuses to return from weights of %f", (w) => {
    const events = [
      [0, 0],
      [1, 0],
    ] as const;
    expect(() => run(layer(1, lif("a", 1)), [w], events)).toThrow(UserError);
    expect(() => run(layer(1, li("a", 1)), [w], events, { kind: "maximum" })).toThrow(UserError);
  });

  test("refuses inputs that go back in time", () => {
    const network = layer(1, lif("a", 1));
    const inputs = { time: Float64Array.of(2, 1), source: new Int32Array(2), from: 0, to: 2 };
    const attempt = (): void =>
      createSimulator(network).run(
        Float64Array.of(1),
        inputs,
        [{ kind: "none" }],
        createObservation(network),
      );
    expect(attempt).toThrow(/input spike 1/);
  });
});

describe("createSampleTimes", () => {
  test("a grid has every multiple of its period before the end", () => {
    const times = createSampleTimes(1);
    expect([...times.of({ kind: "grid", period: 0.25 })]).toEqual([0, 0.25, 0.5, 0.75]);
    // 3 · 0.1 is above 0.3 in doubles, still before the end; 10 · 0.1 is the end.
    expect(times.of({ kind: "grid", period: 0.1 })).toHaveLength(10);
    expect([...times.of({ kind: "grid", period: 2 })]).toEqual([0]);
  });

  test("given times are checked", () => {
    const times = createSampleTimes(10);
    expect([...times.of({ kind: "at", times: [0, 3, 10] })]).toEqual([0, 3, 10]);
    expect(() => times.of({ kind: "at", times: [3, 2] })).toThrow(/ascending/);
    expect(() => times.of({ kind: "at", times: [11] })).toThrow(/outside/);
    expect(() => times.of({ kind: "at", times: [Number.NaN] })).toThrow(/outside/);
  });

  test("maximum and none want no times", () => {
    const times = createSampleTimes(10);
    expect(times.of({ kind: "maximum" })).toHaveLength(0);
    expect(times.of({ kind: "none" })).toHaveLength(0);
  });
});
