/** A network that is cut into runs against the exact simulator, at the weights that the chip holds. */

import { expect, it } from "vitest";
import type { Calibration } from "../../src/calibration/types.ts";
import { ideal } from "../../src/chip/ideal.ts";
import { createKernel } from "../../src/chip/kernel/host.ts";
import { trueNeurons } from "../../src/chip/simulated/probe.ts";
import { stream } from "../../src/core/random.ts";
import { type Executor, noCost, softwareExecutor, substrateOf } from "../../src/engine/executor.ts";
import { sharedCalibration } from "../../src/mapping/calibrations.ts";
import type { Network } from "../../src/network/network.ts";
import type { InputBatch, Observation } from "../../src/network/observation.ts";
import { handCalibration } from "../mapping/hand-calibration.ts";
import { networkOf } from "../mapping/networks.ts";

const SAMPLES = 20;

/** A perfect measurement of the ideal chip, of which only some circuits may be used. */
async function calibrationOf(usable: (circuit: number) => boolean): Promise<Calibration> {
  const chip = ideal.create({}, createKernel());
  const calibration = handCalibration();
  calibration.words.quadrants.synapseDacBias.fill(calibration.target.synapseDacBias);
  calibration.words.neurons.thresholdOn.fill(1);
  await chip.configure({ neurons: calibration.words.neurons, quadrants: calibration.words.quadrants });
  const measured = { ...calibration.measured, ...trueNeurons(chip) };
  const success = Uint8Array.from({ length: 512 }, (_, circuit) => (usable(circuit) ? 1 : 0));
  return { ...calibration, measured, success, strength: measured.strengthExc[0]! };
}

function inputsOf(network: Network): InputBatch {
  const random = stream(3, "test/runs");
  const events = Array.from({ length: SAMPLES }, () =>
    Array.from({ length: network.inputs }, (_, source) => ({ time: 1 + 15 * random.uniform(), source })).sort(
      (a, b) => a.time - b.time,
    ),
  ).flat();
  return {
    samples: SAMPLES,
    offset: Int32Array.from({ length: SAMPLES + 1 }, (_, sample) => sample * network.inputs),
    time: Float64Array.from(events, ({ time }) => time),
    source: Int32Array.from(events, ({ source }) => source),
    id: Int32Array.from({ length: SAMPLES }, (_, sample) => sample),
  };
}

interface Sample {
  readonly spikes: readonly (readonly [neuron: number, time: number])[];
  readonly inputs: number;
  readonly voltages: readonly (readonly [neuron: number, time: number])[];
}

async function observed(executor: Executor, inputs: InputBatch, run: number): Promise<Sample[]> {
  const seen: Sample[] = [];
  const visit = (_: number, { spikes, inputs: sent, voltages }: Observation): void => {
    const pairs = (times: Float64Array, indices: Int32Array, count: number) =>
      Array.from({ length: count }, (__, k) => [indices[k]!, times[k]!] as const);
    seen.push({
      spikes: pairs(spikes.time, spikes.index, spikes.count),
      inputs: sent.count,
      voltages: pairs(voltages.time, voltages.neuron, voltages.count),
    });
  };
  await executor.observe(inputs, run, visit, noCost());
  return seen;
}

it("runs in parts as the whole network would: hidden layer in two slices, then the readout", async () => {
  const network = networkOf(
    10,
    [
      ["hidden", 40, "lif"],
      ["second", 12, "lif"],
      ["readout", 3, "li"],
    ],
    [
      ["input", "hidden", 1],
      ["hidden", "second", 1],
      ["second", "readout", 1],
      ["input", "readout", 1],
    ],
  );
  const calibration = await calibrationOf(
    (circuit) => circuit % 256 < 200 && circuit % 8 === 0 && circuit % 3 !== 0,
  );
  const experiment = {
    seed: 1,
    network: { duration: 38, populations: {}, projections: {} },
    chip: { kind: "ideal", copies: "spread", constants: "calibrated", cadc: "sram", step: 0.25 },
  } as unknown as Parameters<typeof substrateOf>[0];
  const substrate = substrateOf(experiment, network, sharedCalibration(network, calibration));
  expect(substrate.placement).toBeUndefined();
  const executor = await substrate.open([{ kind: "none" }, { kind: "none" }, { kind: "maximum" }]);
  const random = stream(5, "test/runs/weights");
  const weights = Float64Array.from({ length: network.weights }, () => 0.35 + 0.35 * random.normal());
  const { effective } = await executor.load(weights);
  const exact = softwareExecutor(substrate.network, [{ kind: "none" }, { kind: "none" }, { kind: "none" }]);
  await exact.load(effective);

  const inputs = inputsOf(network);
  const chip = await observed(executor, inputs, 0);
  const software = await observed(exact, inputs, 0);
  let compared = 0;
  let off = 0;
  chip.forEach(({ spikes, inputs: sent, voltages }, sample) => {
    expect(sent).toBe(network.inputs);
    const times = spikes.map(([, time]) => time);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(voltages.map(([neuron]) => neuron))).toEqual(new Set([52, 53, 54]));
    const order = voltages.map(([neuron]) => neuron);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    for (let neuron = 0; neuron < 52; neuron++) {
      const own = spikes.filter(([index]) => index === neuron).map(([, time]) => time);
      const wanted = software[sample]!.spikes.filter(([index]) => index === neuron).map(([, time]) => time);
      compared += wanted.length;
      off += Math.abs(own.length - wanted.length);
      wanted.slice(0, own.length).forEach((time, k) => {
        if (Math.abs(time - own[k]!) > 0.05) off++;
      });
    }
  });
  expect(compared).toBeGreaterThan(20 * SAMPLES);
  expect(off).toBeLessThan(0.02 * compared);
  await executor.close();
});
