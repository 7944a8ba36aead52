/**
 * The table of commands. Adding one is one module and one line here.
 *
 * A module is loaded only when its command is called, so `eventprop --help` stays fast; `configure` must not
 * pull heavy imports either: a command's options are known before its work is loaded.
 */

import type { CommandEntry } from "./command.ts";

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "init",
    summary: "copy a shipped experiment into your folder as a starting point",
    load: () => import("./init.ts"),
  },
  {
    name: "train",
    summary: "train a network in software or in the loop with a chip",
    writesFiles: true,
    load: () => import("./train.ts"),
  },
  {
    name: "sweep",
    summary: "train many variants of an experiment; continues where it was stopped",
    writesFiles: true,
    load: () => import("./sweep.ts"),
  },
  {
    name: "compare",
    summary: "compare runs: means with their spread, and paired differences",
    load: () => import("./compare.ts"),
  },
  {
    name: "evaluate",
    summary: "evaluate a trained run on its chip, on other chips or in software",
    writesFiles: true,
    load: () => import("./evaluate.ts"),
  },
  {
    name: "report",
    summary: "write a report of a run or a sweep as one HTML page",
    writesFiles: true,
    load: () => import("./report.ts"),
  },
  {
    name: "plot",
    summary: "draw a figure of a run or a sweep as SVG",
    load: () => import("./plot.ts"),
  },
  {
    name: "export",
    summary: "write weights, words, spikes and membranes as arrays for other programs",
    writesFiles: true,
    load: () => import("./export.ts"),
  },
  {
    name: "calibrate",
    summary: "measure a chip and set its registers so that all neurons behave alike",
    writesFiles: true,
    load: () => import("./calibrate.ts"),
  },
  {
    name: "nir",
    summary: "a trained network to other programs, or theirs to here, as NIR",
    writesFiles: true,
    load: () => import("./nir.ts"),
  },
  {
    name: "emulate",
    summary: "run given weights on given input spikes",
    writesFiles: true,
    load: () => import("./emulate.ts"),
  },
  {
    name: "grad-check",
    summary: "check gradients: of one neuron, of your network, or of reference cases",
    load: () => import("./grad-check.ts"),
  },
  {
    name: "study",
    summary: "study how realistic the simulated chip is, and what calibration and training in the loop gain",
    writesFiles: true,
    load: () => import("./study.ts"),
  },
  {
    name: "serve",
    summary: "give a chip to hosts on other machines",
    load: () => import("./serve.ts"),
  },
  {
    name: "probe",
    summary: "set words of a chip by name, send events, record membranes",
    writesFiles: true,
    load: () => import("./probe.ts"),
  },
  {
    name: "inspect",
    summary: "show what a network needs from a chip, without running anything",
    load: () => import("./inspect.ts"),
  },
  {
    name: "validate",
    summary: "check experiment files without running or writing anything",
    load: () => import("./validate.ts"),
  },
  {
    name: "config",
    summary: "print an experiment with all defaults filled in",
    load: () => import("./config.ts"),
  },
  {
    name: "list",
    summary: "list what an experiment file can name: losses, estimators, data sets, ...",
    load: () => import("./list.ts"),
  },
  {
    name: "schema",
    summary: "print the JSON schemas of experiment and sweep files for editors",
    load: () => import("./schema.ts"),
  },
  {
    name: "completion",
    summary: "print a completion script for bash, zsh or fish",
    load: () => import("./completion.ts"),
  },
  {
    name: "doctor",
    summary: "check whether this machine can run the program",
    load: () => import("./doctor.ts"),
  },
];
