/**
 * How a network is run on input spikes: in software, or on a chip (weights are quantized and written, events sent, what
 * comes back decoded). Both yield the same observations; nothing downstream knows which it was.
 *
 *     substrateOf → open → load(weights) → observe(inputs) → close
 */

import type { Calibration } from "../calibration/types.ts";
import { openChip } from "../chip/index.ts";
import { WEIGHT_MAX } from "../chip/limits.ts";
import type { Chip, RunOptions } from "../chip/types.ts";
import { UserError } from "../core/errors.ts";
import { eventLoopVisits } from "../core/event-loop.ts";
import { placementWishes } from "../experiment/network.ts";
import type { Experiment } from "../experiment/schema.ts";
import { failedCircuits } from "../mapping/calibrations.ts";
import { type MappedNetwork, mapNetwork } from "../mapping/mapped-network.ts";
import { placeInRuns, type Runs } from "../mapping/partition.ts";
import type { Placement } from "../mapping/placement.ts";
import type { Network } from "../network/network.ts";
import type { RecordingRequest } from "../network/observation.ts";
import { createObservation, createSimulator } from "../network/simulate.ts";
import type { Executor } from "./execution.ts";
import { executorInRuns, type RunningPart, withConstantsOf } from "./executor-in-runs.ts";

export { type Executor, type LoadedWeights, noCost, type ObservationCost } from "./execution.ts";

/** Exact event-driven simulation in double precision; `record` has one request per population. */
export function softwareExecutor(network: Network, record: readonly RecordingRequest[]): Executor {
  const simulator = createSimulator(network);
  const observation = createObservation(network);
  const visitEventLoop = eventLoopVisits();
  const weights = new Float64Array(network.parameters);
  const none = new Int32Array(network.projections.length);
  return {
    network,
    weightLimits: new Float64Array(network.projections.length).fill(Number.POSITIVE_INFINITY),
    weightSteps: new Float64Array(network.projections.length),
    async load(given) {
      weights.set(given);
      return { saturated: 0, effective: weights, zeroed: none, limited: none };
    },
    async observe(inputs, _run, visit, cost) {
      const slice = { time: inputs.time, source: inputs.source, from: 0, to: 0 };
      for (let sample = 0; sample < inputs.samples; sample++) {
        slice.from = inputs.offset[sample]!;
        slice.to = inputs.offset[sample + 1]!;
        await visitEventLoop();
        const start = performance.now();
        simulator.run(weights, slice, record, observation);
        cost.chipMs += performance.now() - start;
        cost.lateArrivals += observation.lateArrivals ?? 0;
        visit(sample, observation);
      }
    },
    async close() {},
  };
}

/**
 * @param chip configured by `mapped`
 * @param record samples wanted per population; a chip answers any request but `none` with its CADC samples
 */
function chipExecutor(
  chip: Chip,
  mapped: MappedNetwork,
  memory: "sram" | "dram",
  record: readonly RecordingRequest[],
): Executor {
  const { network } = mapped;
  const observation = createObservation(network);
  const visitEventLoop = eventLoopVisits();
  const effective = new Float64Array(network.parameters);
  const zeroed = new Int32Array(network.projections.length);
  const limited = new Int32Array(network.projections.length);
  // A limit is half a step above the largest weight, which is WEIGHT_MAX words in each row.
  const weightSteps = network.projections.map(
    ({ rows }, p) => 2 * (mapped.weightLimits[p]! - (WEIGHT_MAX * rows) / mapped.scales[p]!),
  );
  const countRounded = (weights: Float64Array): void => {
    network.projections.forEach(({ offset, sources, targets }, p) => {
      const largest = mapped.weightLimits[p]! - weightSteps[p]!;
      let zeros = 0;
      let limits = 0;
      for (let i = offset; i < offset + sources * targets; i++) {
        const size = Math.abs(effective[i]!);
        if (size === 0 && weights[i] !== 0) zeros++;
        if (size > largest) limits++;
      }
      zeroed[p] = zeros;
      limited[p] = limits;
    });
  };
  const sampled = network.populations.filter((_, p) => record[p]?.kind !== "none").map(({ name }) => name);
  const recordedNeurons = mapped.circuits(sampled);
  const options: RunOptions = {
    spikes: true,
    ...(recordedNeurons.length === 0 ? {} : { cadc: { memory, recordedNeurons } }),
  };
  return {
    network,
    weightLimits: mapped.weightLimits,
    weightSteps: Float64Array.from(weightSteps),
    async load(weights) {
      const { saturated } = mapped.writeWeights(weights);
      effective.set(weights);
      mapped.readWeights(effective);
      countRounded(weights);
      await mapped.configureWeights(chip);
      return { saturated, effective, zeroed, limited };
    },
    async observe(inputs, run, visit, cost) {
      const { counts } = mapped;
      const { lateInputs, pushedInputs, movedInputs, strayEvents, earlySpikes, lateSpikes } = counts;
      await visitEventLoop();
      const batch = mapped.encode(inputs);
      const start = performance.now();
      const recording = await chip.run(batch, { ...options, noiseKey: { run, sample: inputs.id } });
      cost.chipMs += performance.now() - start;
      const { health } = recording;
      cost.bytes += health.spikeBytes + health.cadcBytes;
      cost.droppedSpikes += health.droppedOut;
      if (health.cadcTruncated) cost.cutRecordings++;
      for (let entry = 0; entry < inputs.samples; entry++) {
        mapped.decode(recording, entry, observation);
        visit(entry, observation);
      }
      cost.droppedInputs += health.droppedIn + counts.lateInputs - lateInputs;
      cost.lateArrivals += counts.pushedInputs - pushedInputs;
      cost.movedInputs += counts.movedInputs - movedInputs;
      cost.strayEvents += counts.strayEvents - strayEvents;
      cost.earlySpikes += counts.earlySpikes - earlySpikes;
      cost.lateSpikes += counts.lateSpikes - lateSpikes;
    },
    close: () => chip.close(),
  };
}

/**
 * Where the network goes on a chip with these calibrations, in parts where it is too large; circuits that failed are left out.
 * @param whole where it goes on a chip none of whose circuits failed, when that is known
 * @throws UserError("calibration") when it would fit if they had not failed; UserError("placement") when it fits nowhere
 */
export function placeOnChip(
  experiment: Pick<Experiment, "network" | "chip">,
  network: Network,
  calibrations: ReadonlyMap<string, Calibration>,
  whole?: Placement,
): Placement | Runs {
  const wishes = placementWishes(experiment);
  const exclude = failedCircuits(calibrations.values());
  if (whole !== undefined && exclude.every((failed) => failed === 0)) return whole;
  try {
    return placeInRuns(network, { exclude, ...wishes });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // Throws when the network is too large for any chip: then the calibration is not to blame.
    placeInRuns(network, wishes);
    const failed = exclude.reduce((sum, one) => sum + one, 0);
    throw new UserError(
      "calibration",
      `the calibration failed for ${failed} of ${exclude.length} neurons, and the network does not fit on the others: ${error.message}`,
      { cause: error, hint: "use another chip, or lower its mismatch; or a smaller network" },
    );
  }
}

/** What a network runs on: the software simulator, or a chip on which it has its place. */
export interface Substrate {
  /** The network with the constants that estimators compute with: nominal, or as measured on the chip. */
  readonly network: Network;
  /** Absent in software, and where the network runs in parts. */
  readonly placement?: Placement;
  /** Opens and configures the chip. @param record samples of each population that losses and estimators read */
  open(record: readonly RecordingRequest[]): Promise<Executor>;
}

/**
 * @param nominal network with nominal constants
 * @param calibrations of each population; not read in software
 * @param placement of the network on the chip with these calibrations; found when absent
 * @throws UserError("calibration" | "placement") when the network does not fit
 */
export function substrateOf(
  { network: file, chip, seed }: Pick<Experiment, "network" | "chip" | "seed">,
  nominal: Network,
  calibrations: ReadonlyMap<string, Calibration>,
  placement?: Placement,
): Substrate {
  if (chip.kind === "software")
    return { network: nominal, open: async (record) => softwareExecutor(nominal, record) };
  const { copies, constants, cadc } = chip;
  const place = placement ?? placeOnChip({ network: file, chip }, nominal, calibrations);
  const map = (network: Network, at: Placement): MappedNetwork =>
    mapNetwork(network, at, calibrations, { copies, constants });
  const open = async (mapped: MappedNetwork, record: readonly RecordingRequest[]): Promise<Executor> => {
    const opened = await openChip({ ...chip, noiseSeed: seed });
    await mapped.configureAll(opened);
    return chipExecutor(opened, mapped, cadc, record);
  };
  if (!("parts" in place)) {
    const mapped = map(nominal, place);
    return { network: mapped.network, placement: place, open: (record) => open(mapped, record) };
  }
  // One instance is opened once for each part, as if it were programmed anew before every run.
  const { parts } = place;
  const mapped = parts.map((part) => map(part.network, part.placement));
  const network = withConstantsOf(
    nominal,
    parts,
    mapped.map((part) => part.network),
  );
  return {
    network,
    async open(record) {
      const running: RunningPart[] = [];
      for (const [r, part] of parts.entries()) {
        const own = part.slices.map(({ population }) => record[nominal.populations.indexOf(population)]!);
        running.push({ part, executor: await open(mapped[r]!, own) });
      }
      return executorInRuns(network, running);
    },
  };
}
