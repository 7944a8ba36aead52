/** docs/tutorial.md as a reader follows it: its files are written, its commands run, its outputs compared. */

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { eventprop } from "../cli/program.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const BLOCK = /^```(\w+)\n(.*?)^```$/gms;

it("runs as it is written", { timeout: 900_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "eventprop-tutorial-"));
  symlinkSync(join(root, "experiments"), join(folder, "experiments"));
  let output = "";
  let commands = 0;
  let outputs = 0;
  for (const [, language, text = ""] of readFileSync(join(root, "docs/tutorial.md"), "utf8").matchAll(
    BLOCK,
  )) {
    const file = /^(?:#|\/\/) file: (\S+)\n/.exec(text);
    if (file !== null) writeFileSync(join(folder, file[1] as string), text.slice(file[0].length));
    else if (language === "text") {
      // `…` stands for what differs from machine to machine, and may move the columns; all other digits are the same
      // everywhere. A change of the program that moves them changes the page too.
      const pattern = text.trimEnd().split("…").map(escapePattern).join(".*").replaceAll(/ {2,}/g, " +");
      expect(output.trimEnd()).toMatch(new RegExp(`^${pattern}$`));
      outputs++;
    } else if (language === "sh") {
      output = "";
      for (const command of text.trim().split("\n")) {
        commands++;
        const words = command.split(" ");
        if (command === "npm ci") continue;
        if (words[0] === "node") execFileSync(process.execPath, words.slice(1), { cwd: folder });
        else {
          expect(words.slice(0, 2), command).toEqual(["npx", "eventprop"]);
          const { code, stdout, stderr } = eventprop(words.slice(2), { cwd: folder, timeout: 600_000 });
          expect(code, `${command}\n${stderr}`).toBe(0);
          output += stdout;
        }
      }
    }
  }
  expect([commands, outputs]).toEqual([9, 3]);
  for (const report of ["runs/first", "sweeps/gradients"])
    expect(existsSync(join(folder, report, "report.html")), report).toBe(true);
});

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
