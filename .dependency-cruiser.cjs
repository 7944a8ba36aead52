// The layers of docs/architecture.md as rules; `npm run arch` fails on a forbidden edge.
// cli → gradcheck → run → spec → { learning, data, calibration, mapping } → { network, chip } → { model, kernels } → core
const layer = (name, ...allowed) => ({
  name: `${name}-layer`,
  comment: `${name} may use ${allowed.join(", ") || "nothing"} and itself`,
  severity: "error",
  from: { path: `^src/${name}/` },
  to: { path: "^src/", pathNot: [name, ...allowed].map((other) => `^src/${other}/`) },
});
const onlyIn = (name, packages, places, comment) => ({
  name,
  comment,
  severity: "error",
  from: { path: "^src/", pathNot: places },
  to: { path: packages },
});

module.exports = {
  forbidden: [
    { name: "no-circular", comment: "a cycle is a missing file", severity: "error", from: {}, to: { circular: true } },
    layer("core"),
    layer("model", "core"),
    layer("kernels", "core"),
    layer("network", "model", "core"),
    layer("chip", "kernels", "core"),
    layer("learning", "network", "model", "core"),
    layer("data", "network", "core"),
    layer("calibration", "chip", "core"),
    layer("mapping", "network", "chip", "calibration", "core"),
    layer("spec", "learning", "data", "calibration", "mapping", "chip", "network", "model", "core"),
    layer("figures", "core"),
    layer("run", "spec", "learning", "data", "calibration", "mapping", "chip", "network", "model", "figures", "core"),
    layer("gradcheck", "run", "spec", "learning", "mapping", "calibration", "chip", "network", "model", "figures", "core"),
    {
      name: "calibration-measures",
      comment: "a calibration that needs the inside of the simulator is not one",
      severity: "error",
      from: { path: "^src/calibration/" },
      to: { path: "^src/chip/(sim|ideal)" },
    },
    {
      name: "chips-by-name",
      comment: "backends are exchanged by name",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/chip/" },
      to: { path: "^src/chip/(sim/|ideal\\.ts)" },
    },
    {
      name: "no-side-door",
      comment: "the probe into a simulated chip is for tests",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^src/chip/sim/probe" },
    },
    { name: "no-tests", comment: "nobody imports tests", severity: "error", from: { path: "^src/" }, to: { path: "^tests/" } },
    onlyIn("yaml-and-ajv", "node_modules/(yaml|ajv)/", ["^src/spec/", "^src/cli/config"], "one reader of experiment files"),
    onlyIn("commander", "node_modules/commander/", "^src/cli/", "only the command line parses arguments"),
    onlyIn("csv", "node_modules/csv-stringify/", ["^src/run/", "^src/calibration/store"], "tables are written in few places"),
    onlyIn("pino", "node_modules/pino/", "^src/(run|cli)/", "library code reports through callbacks"),
    onlyIn("plots", "node_modules/(@observablehq|linkedom)/", "^src/figures/", "figures are made in one place"),
    onlyIn(
      "file-system",
      "^(node:)?fs(/promises)?$",
      ["^src/(run|figures|spec|cli)/", "^src/calibration/store", "^src/data/"],
      "mathematics does not touch files",
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "require", "node", "types"] },
  },
};
