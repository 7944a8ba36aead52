/** The program as server and as host: a training through the network is the training on the desk. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { eventprop, startEventprop } from "../cli/program.ts";
import { tinyRun } from "../cli/tiny-runs.ts";

const folder = mkdtempSync(join(tmpdir(), "eventprop-serve-"));
const serving: ReturnType<typeof startEventprop>[] = [];
afterAll(() => {
  for (const { child } of serving) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});
const at = (name: string): string => join(folder, name);
const weights = (name: string): string => readFileSync(join(at(name), "weights.json"), "utf8");

async function serve(): Promise<{ address: string; stop: () => Promise<number | null> }> {
  const started = startEventprop(["serve", "experiments/smoke.yaml", "--port", "0"], { timeout: 600_000 });
  serving.push(started);
  const line = await new Promise<string>((done) =>
    started.child.stdout!.once("data", (bytes) => done(String(bytes))),
  );
  expect(line).toMatch(/^127\.0\.0\.1:\d+ serves simulated-1 /);
  return {
    address: line.split(" ")[0]!,
    stop: async () => {
      started.child.kill("SIGINT");
      return (await started.ended).code;
    },
  };
}

it("gives the weights of the chip on the desk, with two workers, and goes on at another address", async () => {
  const first = await serve();
  const remote = ["--set", `chip={kind: remote, address: "${first.address}"}`];
  const constant = ["--set", "schedule={kind: constant}"];
  expect(eventprop(tinyRun("simulated", 2, ...constant, "--out", at("desk"))).code).toBe(0);
  const call = tinyRun(
    "simulated",
    2,
    ...constant,
    ...remote,
    "--set",
    "training.workers=2",
    "--out",
    at("remote"),
  );
  const { code, stderr } = eventprop(call);
  expect(stderr).not.toContain("error");
  expect(code).toBe(0);
  expect(weights("remote")).toBe(weights("desk"));
  expect(await first.stop()).toBe(130);

  const longer = ["train", "--resume", at("remote"), "--epochs", "3"];
  const alone = eventprop([...longer, "--set", "chip.attempts=2"]);
  expect([alone.code, alone.stderr]).toEqual([
    4,
    expect.stringContaining("cannot be used: connect ECONNREFUSED"),
  ]);
  const second = await serve();
  expect(eventprop([...longer, "--set", `chip.address="${second.address}"`]).code).toBe(0);
  expect(eventprop(["train", "--resume", at("desk"), "--epochs", "3"]).code).toBe(0);
  expect(weights("remote")).toBe(weights("desk"));
  await second.stop();
});
