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
    summary: "copy an experiment of this program into your folder, to start from",
    load: () => import("./init.ts"),
  },
  {
    name: "train",
    summary: "train a network, in software or in the loop with a chip",
    writesFiles: true,
    load: () => import("./train.ts"),
  },
  {
    name: "sweep",
    summary: "train many variants: values, seeds and chips; goes on wherever it was stopped",
    writesFiles: true,
    load: () => import("./sweep.ts"),
  },
  {
    name: "compare",
    summary: "runs side by side: means with their spread, and paired differences",
    load: () => import("./compare.ts"),
  },
  {
    name: "evaluate",
    summary: "what a trained run answers: on its chip, on others, in software, sample by sample",
    writesFiles: true,
    load: () => import("./evaluate.ts"),
  },
  {
    name: "report",
    summary: "a run or a sweep as one HTML page",
    load: () => import("./report.ts"),
  },
  {
    name: "plot",
    summary: "a figure of a run or a sweep as SVG",
    load: () => import("./plot.ts"),
  },
  {
    name: "calibrate",
    summary: "measure a chip and find the words that make its neurons alike",
    writesFiles: true,
    load: () => import("./calibrate.ts"),
  },
  {
    name: "emulate",
    summary: "run given weights on given input spikes",
    writesFiles: true,
    load: () => import("./emulate.ts"),
  },
  {
    name: "grad-check",
    summary: "is this gradient right? one neuron, your network, or reference cases",
    load: () => import("./grad-check.ts"),
  },
  {
    name: "study",
    summary: "is the simulated chip believable? what calibration and training in the loop are worth",
    writesFiles: true,
    load: () => import("./study.ts"),
  },
  {
    name: "serve",
    summary: "give a chip to hosts on other machines",
    load: () => import("./serve.ts"),
  },
  {
    name: "inspect",
    summary: "what a network needs of a chip, before anything runs",
    load: () => import("./inspect.ts"),
  },
  {
    name: "validate",
    summary: "check experiment files; touches nothing",
    load: () => import("./validate.ts"),
  },
  {
    name: "config",
    summary: "print an experiment with everything filled in",
    load: () => import("./config.ts"),
  },
  { name: "list", summary: "what can be named in an experiment", load: () => import("./list.ts") },
  {
    name: "schema",
    summary: "JSON schemas of experiment and sweep files, for editors",
    load: () => import("./schema.ts"),
  },
  {
    name: "completion",
    summary: "a script by which bash, zsh or fish completes commands and options",
    load: () => import("./completion.ts"),
  },
  {
    name: "doctor",
    summary: "whether this machine can run the program",
    load: () => import("./doctor.ts"),
  },
];
