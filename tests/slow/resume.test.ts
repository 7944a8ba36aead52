import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { METRICS_COLUMNS } from "../../src/engine/metrics.ts";
import { eventprop, startEventprop } from "../cli/program.ts";
import { refusal } from "../cli/refusal.ts";
import { interrupt, readJson, tinyRun, withoutTimings } from "../cli/tiny-runs.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

const cwd = temporaryFolder();
const at = (folder: string): string => join(cwd, folder);
/** Some seconds of them, so that the signals come in time. */
const EPOCHS = 100;

describe("an interrupted run", () => {
  it("keeps readable metrics and a checkpoint, and goes on to the bytes of an uninterrupted one", async () => {
    expect(eventprop(tinyRun("software", EPOCHS, "--out", "whole"), { cwd }).code).toBe(0);

    const begun = startEventprop(tinyRun("software", EPOCHS, "--out", "cut"), { cwd });
    const first = await interrupt(begun, at("cut"), 5, "SIGINT");
    expect(first.code).toBe(130);
    expect(first.stdout).toBe("npx eventprop train --resume cut\n");
    expect(first.stderr).toMatch(/stopping after this batch; Ctrl-C again to stop at once/);
    const lines = readFileSync(at("cut/metrics.csv"), "utf8").split("\n");
    expect(lines.pop()).toBe("");
    const columns = lines[0]!.split(",");
    expect(columns.slice(0, METRICS_COLUMNS.length)).toEqual([...METRICS_COLUMNS]);
    for (const line of lines) expect(line.split(",")).toHaveLength(columns.length);
    expect(readJson(at("cut"), "result.json")).toMatchObject({ ok: false, outcome: "interrupted" });
    expect(existsSync(at("cut/checkpoint.bin"))).toBe(true);

    // A cluster's signal ends the second part, with the code for "queue me again".
    const second = await interrupt(
      startEventprop(["train", "--resume", "cut"], { cwd }),
      at("cut"),
      lines.length + 20,
      "SIGTERM",
    );
    expect(second.code).toBe(75);

    const third = eventprop(["train", "--resume", "cut", "--set", "training.workers=1"], { cwd });
    expect(third.code).toBe(0);
    expect(third.stdout).toMatch(/\ncut\n$/);
    expect(withoutTimings(at("cut"))).toEqual(withoutTimings(at("whole")));
    const accuracies = ({
      testAccuracy,
      validationAccuracy,
    }: {
      testAccuracy: number;
      validationAccuracy: number;
    }) => [testAccuracy, validationAccuracy];
    expect(accuracies(readJson(at("cut"), "result.json"))).toEqual(
      accuracies(readJson(at("whole"), "result.json")),
    );
    expect(readFileSync(at("cut/weights.json"), "utf8")).toBe(readFileSync(at("whole/weights.json"), "utf8"));
    // How many threads run is no part of the experiment.
    const config = (folder: string) =>
      readFileSync(at(`${folder}/config.yaml`), "utf8").replace(/^ *workers: \d+\n/m, "");
    expect(config("cut")).toBe(config("whole"));
  });

  it("that ended already ends with the same bytes again", () => {
    const before = withoutTimings(at("whole"));
    const { code, stdout } = eventprop(["train", "--resume", "whole"], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ +\d+ +\d+\.\d % +\d+\.\d % /m);
    expect(withoutTimings(at("whole"))).toEqual(before);
  });
});

describe("--resume refuses", () => {
  const resume = (folder: string, ...args: string[]) => refusal("train", "--resume", at(folder), ...args);

  it("other files, folders and values: the run goes on as it is", async () => {
    for (const more of [["other.yaml"], ["--out", "there"], ["--seed", "2"], ["--set", "training.epochs=2"]])
      expect((await resume("whole", ...more)).code, more.join(" ")).toBe(2);
  });

  it("a folder without a checkpoint, a damaged one, and an edited experiment", async () => {
    const none = await resume("nowhere");
    expect(none.code).toBe(6);
    expect(none.stderr).toMatch(/nowhere\/checkpoint\.bin cannot be read: .*\n {2}hint: /);

    const metrics = readFileSync(at("whole/metrics.csv"), "utf8");
    const config = readFileSync(at("whole/config.yaml"), "utf8");
    writeFileSync(at("whole/config.yaml"), config.replace(/^seed: 1$/m, "seed: 5"));
    const edited = await resume("whole");
    expect(edited.code).toBe(6);
    expect(edited.stderr).toMatch(/config\.yaml was changed after the run/);

    // A finished run is only shown, so its checkpoint is not read; without a result the run is not finished.
    rmSync(at("cut/result.json"));
    appendFileSync(at("cut/checkpoint.bin"), "x");
    const damaged = await resume("cut");
    expect(damaged.code).toBe(6);
    expect(damaged.stderr).toMatch(/checkpoint\.bin is damaged/);
    expect(readFileSync(at("whole/metrics.csv"), "utf8")).toBe(metrics);
  });
});
