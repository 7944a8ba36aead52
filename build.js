/**
 * Builds dist from src: strips the types of each module that is newer than its output and removes outputs that have no
 * source any more. Types are not checked here; `npm run typecheck` does that, in a fraction of the builds.
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL(".", import.meta.url));
const CONFIG = join(root, "tsconfig.json");

const { config } = ts.readConfigFile(CONFIG, ts.sys.readFile);
const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
// One file alone does not show that package.json declares modules.
const compilerOptions = {
  ...options,
  module: ts.ModuleKind.ESNext,
  noEmit: false,
  incremental: false,
  tsBuildInfoFile: undefined,
};

const filesBelow = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [];
const modified = (file) => statSync(file).mtimeMs;
const rules = Math.max(modified(CONFIG), modified(fileURLToPath(import.meta.url)));

const outputs = new Set();
for (const source of filesBelow(join(root, "src"))) {
  if (!source.endsWith(".ts") || source.endsWith(".d.ts")) continue;
  const output = join(root, "dist", source.slice(join(root, "src").length)).replace(/\.ts$/, ".js");
  // The declarations of a packed package stand beside the modules.
  outputs.add(output).add(output.replace(/\.js$/, ".d.ts"));
  if (existsSync(output) && modified(output) > Math.max(modified(source), rules)) continue;
  const { outputText } = ts.transpileModule(readFileSync(source, "utf8"), {
    compilerOptions,
    fileName: source,
  });
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, outputText);
}
for (const file of filesBelow(join(root, "dist"))) if (!outputs.has(file)) rmSync(file);
