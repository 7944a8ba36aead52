/**
 * Builds dist from src: one bundle per door of the program and the chunks that they share. Four hundred modules read one
 * by one cost half a second at every start. Types are not checked here; `npm run typecheck` does that.
 */

import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL(".", import.meta.url));
const dist = join(root, "dist");

const bundle = await rolldown({
  cwd: root,
  input: {
    "cli/main": "src/cli/main.ts",
    "engine/worker": "src/engine/worker.ts",
    "data/hdf5/child": "src/data/hdf5/child.ts",
    index: "src/index.ts",
    "bench/parts": "bench/parts.ts",
  },
  platform: "node",
  // Packages stay packages: npm keeps them current, and their licenses stand beside them.
  external: (id) => !id.startsWith(".") && !id.startsWith("/"),
  logLevel: "warn",
});
// The declarations of a package that is being packed stay: npm builds once more after it has made them.
for (const file of existsSync(dist) ? readdirSync(dist, { recursive: true }) : [])
  if (file.endsWith(".js")) rmSync(join(dist, file));
await bundle.write({
  dir: dist,
  format: "esm",
  entryFileNames: "[name].js",
  chunkFileNames: "chunks/[name].js",
});
await bundle.close();
