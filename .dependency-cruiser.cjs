// The layers of docs/architecture.md as rules; `npm run arch` fails on a forbidden edge.
// cli → { gradcheck, study } → engine → experiment → { gradient → loss, optimize, data, calibration, mapping } → { network → neuron, chip → chip/kernel } → core
const layer = (name, ...allowed) => ({
  name: `${name}-layer`,
  comment: `${name} may use ${allowed.join(", ") || "nothing"} and itself`,
  severity: "error",
  from: { path: `^src/${name}/` },
  to: { path: "^src/", pathNot: [name, ...allowed].map((other) => `^src/${other}/`) },
});
const LEARNING = ["loss", "gradient", "optimize"];
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
    layer("neuron", "core"),
    layer("network", "neuron", "core"),
    layer("chip", "core"),
    layer("chip/kernel", "core"),
    layer("loss", "network", "neuron", "core"),
    layer("gradient", "loss", "network", "neuron", "core"),
    layer("optimize", "network", "core"),
    layer("data", "network", "core"),
    layer("calibration", "chip", "core"),
    layer("mapping", "network", "chip", "calibration", "core"),
    layer("experiment", ...LEARNING, "data", "calibration", "mapping", "chip", "network", "neuron", "core"),
    layer("figures", "core"),
    layer("engine", "experiment", ...LEARNING, "data", "calibration", "mapping", "chip", "network", "neuron", "figures", "core"),
    layer("gradcheck", "engine", "experiment", ...LEARNING, "mapping", "calibration", "chip", "network", "neuron", "figures", "core"),
    layer("study", "engine", "experiment", ...LEARNING, "data", "mapping", "calibration", "chip", "network", "neuron", "figures", "core"),
    {
      name: "no-orphans",
      comment: "a module that nobody uses and that uses nobody is left over",
      severity: "error",
      from: { orphan: true, path: "^src/", pathNot: "\\.d\\.ts$" },
      to: {},
    },
    {
      name: "reachable",
      comment: "code that no command, worker or library user reaches is dead, or belongs to tests",
      severity: "error",
      from: { path: "^src/(cli/main|engine/worker|index)\\.ts$" },
      to: {
        path: "^src/",
        pathNot: ["\\.d\\.ts$", "^src/chip/simulated/probe", "^src/(cli/main|engine/worker|index)\\.ts$"],
        reachable: false,
      },
    },
    {
      name: "cli-is-the-top",
      comment: "nothing below the command line knows arguments or the terminal",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/cli/" },
      to: { path: "^src/cli/" },
    },
    {
      name: "calibration-measures",
      comment: "a calibration that needs the inside of the simulator is not one",
      severity: "error",
      from: { path: "^src/calibration/" },
      to: { path: "^src/chip/(simulated|ideal)" },
    },
    {
      name: "chips-by-name",
      comment: "backends are exchanged by name",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/chip/" },
      to: { path: "^src/chip/(simulated/|ideal\\.ts)" },
    },
    {
      name: "no-side-door",
      comment: "the probe into a simulated chip is for tests",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^src/chip/simulated/probe" },
    },
    { name: "no-tests", comment: "nobody imports tests", severity: "error", from: { path: "^src/" }, to: { path: "^tests/" } },
    onlyIn("yaml-and-ajv", "node_modules/(yaml|ajv)/", ["^src/experiment/", "^src/cli/config"], "one reader of experiment files"),
    onlyIn("commander", "node_modules/commander/", "^src/cli/", "only the command line parses arguments"),
    onlyIn("csv", "node_modules/csv-stringify/", ["^src/engine/", "^src/calibration/store"], "tables are written in few places"),
    onlyIn("pino", "node_modules/pino/", "^src/(engine|cli)/", "library code reports through callbacks"),
    onlyIn("plots", "node_modules/(@observablehq|linkedom)/", "^src/figures/", "figures are made in one place"),
    onlyIn(
      "file-system",
      "^(node:)?fs(/promises)?$",
      ["^src/(engine|figures|experiment|cli)/", "^src/calibration/store", "^src/data/", "^src/core/(durable-files|sealed-json)"],
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
