/**
 * A run for a real chip: a folder with what the routing software of BrainScaleS-2 needs, and the script that runs it
 * there (docs/real-chip.md).
 *
 *     bundle.json           populations, projections, routing, target (hxtorch-schema.ts)
 *     bundle.schema.json    its JSON schema
 *     words.npz             placed [synapse, (projection, source, target, copy, row, column, circuit, label, word)]
 *     inputs.npz            offset, tick, source, id, label of the test samples, as the simulated chip gets them
 *     run_on_bss2.py
 */

import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { softwareVersion } from "../calibration/store.ts";
import { DEFAULT_TARGET } from "../calibration/target.ts";
import type { Calibration, CalibrationTarget } from "../calibration/types.ts";
import { columnOf } from "../chip/coordinates.ts";
import { COLUMNS, CROSSBAR_OUTPUTS, TICK_US } from "../chip/limits.ts";
import type { ChipConfig } from "../chip/types.ts";
import { createFolder, fileError, writeAtomic } from "../core/durable-files.ts";
import { UserError } from "../core/errors.ts";
import { packagePath } from "../core/package-folder.ts";
import { npyBytes } from "../data/npy.ts";
import { zipArchive } from "../data/zip-archive.ts";
import { chipCalibrations } from "../engine/chip-calibrations.ts";
import { openRun } from "../engine/open-run.ts";
import { prepareRun } from "../engine/run-config.ts";
import { readWeights, weightsPath } from "../engine/weights-file.ts";
import { networkOf } from "../experiment/network.ts";
import type { Experiment } from "../experiment/schema.ts";
import { createValidator } from "../experiment/validate.ts";
import { createLoss } from "../loss/index.ts";
import { voltagesOf } from "../loss/types.ts";
import { calibrationOf } from "../mapping/calibrations.ts";
import { weightSites } from "../mapping/compile.ts";
import { type MappedNetwork, mapNetwork } from "../mapping/mapped-network.ts";
import { wordOffsets } from "../mapping/quantize.ts";
import { INPUT, type Network } from "../network/network.ts";
import type { InputBatch, RecordingRequest } from "../network/observation.ts";
import { BUNDLE_SCHEMA, type Bundle } from "./hxtorch-schema.ts";
import type { ExportTarget } from "./types.ts";

/** Numbers of a synapse in words.npz. */
const PLACED = 9;
/** A membrane has forgotten its input after so many time constants. */
const FORGOTTEN = 5;

export const hxtorch: ExportTarget = {
  kind: "hxtorch",
  summary: "placement, routing, words, inputs and a script that runs them on BrainScaleS-2",
  formats: [{ name: "bundle", extension: "-bss2" }],
  async write({ folder, out }) {
    const { experiment } = openRun(folder, []);
    const calibrations = await chipCalibrations(experiment, () => {}, folder);
    const prepared = prepareRun({ experiment, calibrations });
    const { placement, inputs } = prepared;
    if (experiment.chip.kind === "software")
      throw new UserError("compatibility", "the run is in software: nothing is placed on a chip", {
        hint: "train it with `chip: { kind: simulated }`",
      });
    if (placement === undefined)
      throw new UserError("compatibility", "the network runs in several parts, which a bundle cannot hold", {
        hint: "only networks that fit on the chip at once are exported",
      });
    const network = networkOf(experiment, inputs);
    for (const { name, model } of network.populations)
      if (model.kind !== "lif" && model.kind !== "li")
        throw new UserError(
          "compatibility",
          `population \`${name}\` is ${model.kind}: a bundle holds lif and li`,
        );
    const mapped = mapNetwork(network, placement, calibrations, { copies: experiment.chip.copies });
    const { saturated } = mapped.writeWeights(readWeights(weightsPath(folder), network));
    const test = prepared.splits.find(({ name }) => name === "test") ?? prepared.splits.at(-1)!;
    const bundle = bundleOf(experiment, network, mapped, calibrations);
    const { problems } = createValidator(BUNDLE_SCHEMA)(structuredClone(bundle));
    if (problems.length > 0)
      throw new Error(
        `the bundle does not fit its schema: ${problems[0]!.path.join(".")} ${problems[0]!.message}`,
      );
    const placed = placedSynapses(network, mapped);
    writeFolder(out, {
      "bundle.json": `${JSON.stringify(bundle)}\n`,
      "bundle.schema.json": `${JSON.stringify(BUNDLE_SCHEMA, null, 2)}\n`,
      "words.npz": npz({ placed: [[placed.length / PLACED, PLACED], placed] }),
      "inputs.npz": inputArrays(mapped, test.inputs, test.labels),
      "run_on_bss2.py": readFileSync(packagePath("data/hxtorch/run_on_bss2.py")),
    });
    return {
      contents: [
        {
          name: "bundle.json",
          what: `${network.populations.length} populations, ${network.projections.length} projections`,
        },
        { name: "words.npz", what: `${placed.length / PLACED} synapses` },
        { name: "inputs.npz", what: `${test.inputs.samples} samples of ${test.name}` },
        { name: "run_on_bss2.py", what: "python run_on_bss2.py <this folder> -o recording.npz, on EBRAINS" },
      ],
      notes: [
        "the script was never run on silicon, only against a stand-in of its modules",
        ...(saturated > 0 ? [`${saturated} weights are larger than the chip can hold and were clipped`] : []),
      ],
    };
  },
};

function bundleOf(
  experiment: Experiment,
  network: Network,
  { placement, config, scales }: MappedNetwork,
  calibrations: ReadonlyMap<string, Calibration>,
): Bundle {
  const { routing } = placement;
  const { chip } = experiment;
  if (chip.kind === "software") throw new Error("a run in software has no bundle");
  const all = [...calibrations.values()];
  const loss = createLoss(network, experiment.loss);
  const longest = Math.max(
    ...all.map(({ target }) => Math.max(target.tauMem, target.tauSynExc, target.tauSynInh)),
  );
  return {
    format: 1,
    software: `eventprop ${softwareVersion()}`,
    experiment: experiment.name,
    trainedOn: all[0]?.chip ?? "",
    calibration: all.every(({ target }) => isDeployed(target)) ? "spiking2" : null,
    durationTicks: Math.ceil(network.duration / TICK_US - 1e-6),
    waitTicks: Math.ceil((FORGOTTEN * longest) / TICK_US),
    populations: network.populations.map(({ name, model, start, size }) => ({
      name,
      model: model.kind as "lif" | "li",
      circuits: placement.circuits[start]!,
      atomicNeurons: Array.from(placement.neuron.subarray(start, start + size)),
      addresses: Array.from(routing.neuronAddress.subarray(start, start + size)),
      target: withoutResidual(calibrationOf(calibrations, name).target),
    })),
    projections: network.projections.map(({ name, from, to, rows }, p) => ({
      name,
      from: from === INPUT ? "input" : from,
      to,
      rows,
      wordsPerUnit: scales[p]!,
    })),
    routing: {
      externalLabels: Array.from(routing.inputLabel),
      rowMode: Array.from(config.routing.rowMode),
      driverMask: Array.from(config.routing.driverMask),
      crossbar: crossbarNodes(config),
    },
    read: {
      cadc: chip.cadc,
      populations: network.populations
        .map(({ name }) => name)
        .filter((name) => isRead(voltagesOf(loss, name))),
    },
  };
}

function isRead(voltages: RecordingRequest | undefined): boolean {
  return voltages !== undefined && voltages.kind !== "none";
}

function withoutResidual({ residual: _, ...target }: CalibrationTarget) {
  return target;
}

/** Whether the calibration that is deployed as `spiking2` has this target. */
function isDeployed(target: CalibrationTarget): boolean {
  const names = Object.keys(withoutResidual(target)) as (keyof CalibrationTarget)[];
  return names.every((name) => target[name] === DEFAULT_TARGET[name]);
}

function crossbarNodes({ routing: { nodeOn, nodeMask, nodeTarget } }: ChipConfig): number[][] {
  return [...nodeOn].flatMap((on, node) =>
    on === 0
      ? []
      : [[Math.floor(node / CROSSBAR_OUTPUTS), node % CROSSBAR_OUTPUTS, nodeMask[node]!, nodeTarget[node]!]],
  );
}

/** Every synapse of the network, also those of weight 0: [synapse · PLACED + …]. The row is the excitatory one. */
function placedSynapses(network: Network, { placement, config, words }: MappedNetwork): Int32Array {
  const sites = weightSites(network, placement);
  const offsets = wordOffsets(network);
  const placed = new Int32Array(sites.length * PLACED);
  network.projections.forEach(({ sources, targets, targetStart, rows }, p) => {
    for (let at = offsets[p]!; at < offsets[p]! + sources * targets * rows; at++) {
      const index = at - offsets[p]!;
      const target = Math.floor(index / rows) % targets;
      const site = sites[at]!;
      placed.set(
        [
          p,
          Math.floor(index / (rows * targets)),
          target,
          index % rows,
          Math.floor(site / COLUMNS),
          site % COLUMNS,
          (site % COLUMNS) - columnOf(placement.neuron[targetStart + target]!),
          config.synapses.label[site]!,
          words[at]!,
        ],
        at * PLACED,
      );
    }
  });
  return placed;
}

/** Inputs with the ticks that the host sends, so that a chip gets them exactly as the simulated one does. */
function inputArrays(mapped: MappedNetwork, inputs: InputBatch, labels: Uint8Array): Uint8Array {
  const { offset, tick, label } = mapped.encode(inputs);
  const sourceOf = new Map(Array.from(mapped.placement.routing.inputLabel, (one, input) => [one, input]));
  const source = Int32Array.from(label.subarray(0, tick.length), (one) => sourceOf.get(one)!);
  return npz({
    offset: [[offset.length], Int32Array.from(offset)],
    tick: [[tick.length], Int32Array.from(tick)],
    source: [[source.length], source],
    id: [[inputs.id.length], Int32Array.from(inputs.id)],
    label: [[labels.length], Int32Array.from(labels)],
  });
}

function npz(
  arrays: Readonly<Record<string, readonly [shape: readonly number[], values: Int32Array]>>,
): Uint8Array {
  return zipArchive(
    new Map(
      Object.entries(arrays).map(([name, [shape, values]]) => [`${name}.npy`, npyBytes(shape, values)]),
    ),
  );
}

/** All files, or none. @throws UserError("file") when `out` exists or cannot be written */
function writeFolder(out: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  if (existsSync(out))
    throw new UserError("file", `${out} exists already, nothing was written`, {
      hint: "name another with --out",
    });
  createFolder(dirname(out));
  let temporary: string | undefined;
  try {
    temporary = mkdtempSync(join(dirname(out), `.${basename(out)}-`));
    for (const [name, content] of Object.entries(files)) writeAtomic(join(temporary, name), content);
    renameSync(temporary, out);
  } catch (cause) {
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
    throw fileError(out, cause);
  }
}
