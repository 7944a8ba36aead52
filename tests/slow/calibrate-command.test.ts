/** `eventprop calibrate` to its end, as a new user calls it: what it writes, and that it is used afterwards. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loadCalibration } from "../../src/calibration/store.ts";
import { DEFAULT_TARGET } from "../../src/calibration/target.ts";
import { eventprop } from "../cli/program.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

const folder = temporaryFolder();
const SEED = ["--chip-seed", "3"];
const env = { XDG_CACHE_HOME: join(folder, "cache") };

it("calibrates, shows progress by step, stores three files, and finds them again", () => {
  const first = eventprop(["calibrate", ...SEED, "--json"], { cwd: folder, env, timeout: 200_000 });
  expect(first.code).toBe(0);
  expect(first.stderr).toMatch(/calibration step 1\/\d+ {2}cadc-ramp/);
  const files = readdirSync(join(folder, "cache", "eventprop", "calibration")).sort();
  expect(files.map((name) => name.replace(/^simulated-3-[0-9a-f]{8}/, ""))).toEqual([
    ".csv",
    ".json",
    ".svg",
  ]);
  const document = JSON.parse(first.stdout);
  const path = document.file as string;
  const calibration = loadCalibration(path, { chip: "simulated-3", target: DEFAULT_TARGET });
  expect(document.quality).toEqual(JSON.parse(JSON.stringify(calibration.quality)));
  expect(document.failed).toEqual(
    [...calibration.success.keys()].filter((n) => calibration.success[n] === 0),
  );
  expect(readFileSync(path.replace(/json$/, "svg"), "utf8")).toMatch(/^<svg/);

  const written = readFileSync(path, "utf8");
  const second = eventprop(["calibrate", ...SEED], { cwd: folder, env });
  expect(second.stderr).toMatch(/--force measures again/);
  expect(readFileSync(path, "utf8")).toBe(written);
  const check = eventprop(["calibrate", ...SEED, "--check"], { cwd: folder, env });
  expect(check.stderr).toMatch(/the calibration holds/);
  expect(check.code).toBe(0);
});
