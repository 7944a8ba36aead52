/** The table of benchmarks: what `npm run bench` measures, in the order of docs/benchmarks.md. */

export const BENCHMARKS = [
  { name: "machine", title: "The machine", load: () => import("./cases/machine.js") },
  { name: "forward", title: "Executor pass, one core", load: () => import("./cases/forward.js") },
  { name: "backward", title: "Backward pass, one core", load: () => import("./cases/backward.js") },
  { name: "update", title: "Once per batch", load: () => import("./cases/update.js") },
  { name: "epoch", title: "A whole epoch of 5000 samples", load: () => import("./cases/epoch.js") },
  { name: "command", title: "The whole command", load: () => import("./cases/command.js") },
  { name: "start-up", title: "Start-up", load: () => import("./cases/start-up.js") },
  {
    name: "software",
    title: "Against the fastest peer, without a chip",
    load: () => import("./cases/software.js"),
  },
  { name: "models", title: "Neuron models and delays, in software", load: () => import("./cases/models.js") },
  { name: "calibration", title: "Calibration", load: () => import("./cases/calibration.js") },
  { name: "accuracy", title: "Accuracy", load: () => import("./cases/accuracy.js") },
  { name: "exactness", title: "Kernel against its equations", load: () => import("./cases/exactness.js") },
  { name: "growth", title: "Growth", load: () => import("./cases/growth.js") },
  { name: "effects", title: "Cost of each effect", load: () => import("./cases/effects.js") },
];
