/** Completion and doctor, in this process; bash itself tries its script. */

import { execFileSync } from "node:child_process";
import { describe, expect, it, vi } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";
import { main } from "../../src/cli/main.ts";

async function output(...args: string[]): Promise<{ code: number; text: string }> {
  let text = "";
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    return { code: await main(args), text };
  } finally {
    spy.mockRestore();
  }
}

describe("completion", () => {
  it("for bash completes every command, and the options of a command", async () => {
    const { code, text } = await output("completion", "bash");
    expect(code).toBe(0);
    const complete = (...words: string[]): string[] => {
      const line = words.map((word) => `'${word}'`).join(" ");
      const script = `${text}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _eventprop; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return execFileSync("bash", ["-c", script], { encoding: "utf8" }).trim().split("\n");
    };
    expect(complete("eventprop", "")).toEqual(expect.arrayContaining(COMMANDS.map(({ name }) => name)));
    expect(complete("eventprop", "sw")).toEqual(["sweep"]);
    expect(complete("eventprop", "-v", "sweep", "--sl")).toEqual(["--slurm"]);
    expect(complete("eventprop", "train", "--re")).toEqual(["--resume"]);
  });

  it("for zsh and fish names every command", async () => {
    for (const shell of ["zsh", "fish"]) {
      const { text } = await output("completion", shell);
      for (const { name } of COMMANDS) expect(text).toMatch(new RegExp(`\\b${name}\\b`));
    }
  });
});

describe("doctor", () => {
  it("finds that this machine can run the tests that it is running", async () => {
    const { code, text } = await output("doctor", "--json");
    expect(code).toBe(0);
    const findings = JSON.parse(text) as { subject: string; state: string }[];
    expect(findings.map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(["Node", "simulated chip", "this folder"]),
    );
    expect(findings.filter(({ state }) => state === "bad")).toEqual([]);
  });
});
