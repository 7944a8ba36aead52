import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  differences,
  experimentDigest,
  namedFiles,
  type RunIdentity,
} from "../../src/engine/run-identity.ts";
import { type LoadedExperiment, loadExperiment } from "../../src/experiment/load.ts";
import { experimentYaml } from "../../src/experiment/print.ts";
import { experimentFiles, SMALL } from "../experiment/experiment-files.ts";

const files = experimentFiles();
// A seed, so that its section stands last in one form and second in the other.
files.write("small.yaml", `${SMALL}seed: 4\n`);
const load = (set: readonly string[] = []): LoadedExperiment =>
  loadExperiment("small.yaml", { folder: files.folder, set });
const digestOf = ({ experiment, files: named }: LoadedExperiment): string =>
  experimentDigest(experiment, named);

const TABLE = "x,class\n0.1,a\n0.2,b\n0.3,a\n0.4,b\n0.5,a\n0.6,b\n";
const fromTable = (name: string): LoadedExperiment =>
  load([`data={kind: table, path: ${name}, label: class}`, "network.populations.readout.size=2"]);

describe("the digest of an experiment", () => {
  it("is that of its config.yaml, whose sections stand in another order", () => {
    const loaded = load();
    files.write("config.yaml", experimentYaml(loaded));
    const again = loadExperiment("config.yaml", { folder: files.folder });
    expect(Object.keys(again.experiment)).not.toEqual(Object.keys(loaded.experiment));
    expect(digestOf(again)).toBe(digestOf(loaded));
  });

  it("changes with all that decides the outcome, and not with workers or the place of files", () => {
    for (const set of ["seed=9", "training.batch=9", "loss.scale=9", "network.duration=39 us"])
      expect(digestOf(load([set])), set).not.toBe(digestOf(load()));
    const falling = "schedule={kind: cosine}";
    expect(digestOf(load(["training.epochs=9"]))).toBe(digestOf(load()));
    expect(digestOf(load([falling, "training.epochs=9"]))).not.toBe(digestOf(load([falling])));
    expect(digestOf(load(["training.workers=2"]))).toBe(digestOf(load()));
    mkdirSync(join(files.folder, "there"));
    for (const name of ["a.csv", "there/b.csv"]) files.write(name, TABLE);
    expect(digestOf(fromTable("there/b.csv"))).toBe(digestOf(fromTable("a.csv")));
  });
});

describe("two identities", () => {
  const identity = (loaded: LoadedExperiment, more: Partial<RunIdentity> = {}): RunIdentity => ({
    experiment: digestOf(loaded),
    epochs: loaded.experiment.training.epochs,
    files: namedFiles(loaded, files.folder),
    calibrations: ["c"],
    program: { version: "1", hash: "h" },
    ...more,
  });

  it("are equal for the same content at another place", () => {
    files.write("a.csv", TABLE);
    files.write("moved.csv", TABLE);
    expect(differences(identity(fromTable("a.csv")), identity(fromTable("moved.csv")))).toEqual([]);
  });

  it("differ by the data, the experiment and the calibrations, and say which", () => {
    files.write("a.csv", TABLE);
    const began = identity(fromTable("a.csv"));
    files.write("a.csv", TABLE.replace("0.2", "0.3"));
    expect(differences(began, identity(fromTable("a.csv")))).toEqual([
      expect.stringMatching(/a\.csv \(data\.path\) does not hold the data that the run began with/),
    ]);
    expect(differences(identity(load()), identity(load(["seed=3"])))).toEqual([
      expect.stringMatching(/the experiment/),
    ]);
    expect(differences(identity(load()), identity(load(), { calibrations: ["d"] }))).toEqual([
      expect.stringMatching(/calibrations/),
    ]);
  });
});
