/**
 * Values that are possible but cannot do what they were written for: each is a warning at its line, in `validate` and
 * before any run. A table of checks, one member each; what only a run can show is in engine/warnings.ts.
 */

import { formatTime } from "../core/units.ts";
import { type DatasetSplits, SPLITS } from "../data/types.ts";
import type { Loss } from "../loss/types.ts";
import type { Network } from "../network/network.ts";
import type { Problem } from "./problem.ts";
import type { Experiment } from "./schema.ts";

interface Subject {
  readonly experiment: Experiment;
  readonly data: DatasetSplits;
  readonly network: Network;
  readonly loss: Loss;
}

type Check = (subject: Subject) => readonly Problem[];

export function checkPlausibility(subject: Subject): Problem[] {
  return CHECKS.flatMap((check) => check(subject));
}

const CHECKS: readonly Check[] = [
  function batchLargerThanData({ experiment, data }) {
    const { batch } = experiment.training;
    const { size } = data.train;
    if (batch <= size) return [];
    return [
      value(["training", "batch"], `batches of ${batch} from ${size} training samples: one update per epoch`),
    ];
  },
  function emptySplit({ data }) {
    return SPLITS.filter((split) => data[split].size === 0).map((split) =>
      value(
        ["data", split],
        `there are no ${split} samples: metrics.csv has no row for them, and result.json null`,
        `raise \`data.${split}\`, or add rows`,
      ),
    );
  },
  function classWithoutSamples({ data, loss }) {
    if (!readsClasses(loss)) return [];
    return SPLITS.flatMap((split) => {
      const { size, labels, classNames } = data[split];
      const seen = new Set(labels);
      const absent = classNames.filter((_, label) => !seen.has(label));
      if (size === 0 || absent.length === 0) return [];
      const message = `no ${split} sample has the class ${absent.join(", ")}`;
      return [value(["data"], message, `take more ${split} samples, or another seed of the split`)];
    });
  },
  function moreOutputsThanClasses({ network, data, loss }) {
    const output = network.populations.find(({ name }) => name === loss.output);
    const { classes } = data.train;
    if (!readsClasses(loss) || output === undefined || output.size <= classes) return [];
    const message = `\`${output.name}\` has ${output.size} neurons for ${classes} classes: the others can only be wrong`;
    return [value(["network", "populations", output.name, "size"], message, `size: ${classes}`)];
  },
  function warmupLongerThanTraining({ experiment: { schedule, training } }) {
    const { warmup } = schedule;
    if (training.epochs === 0 || warmup < training.epochs || warmup === 0) return [];
    const message = `the warm-up of ${warmup} epochs does not end within the training of ${training.epochs}`;
    return [value(["schedule", "warmup"], message, "the learning rate never reaches optimizer.learningRate")];
  },
  function scheduleThatNeverSteps({ experiment: { schedule, training } }) {
    if (schedule.kind !== "step" || training.epochs === 0 || schedule.every < training.epochs) return [];
    const message = `the learning rate would drop after ${schedule.every} epochs, the training ends after ${training.epochs}`;
    return [value(["schedule", "every"], message, "it stays the same throughout")];
  },
  function averagingThatNeverBegins({ experiment: { training } }) {
    const { averaging, epochs } = training;
    if (averaging === undefined || epochs === 0 || averaging.startEpoch < epochs) return [];
    const message = `the averaging begins after epoch ${averaging.startEpoch}, the training ends after ${epochs}`;
    return [
      value(
        ["training", "averaging", "startEpoch"],
        message,
        "the last weights are evaluated, not an average",
      ),
    ];
  },
  function lateBeforeEarly({ experiment: { encoding } }) {
    if (!("early" in encoding) || !("late" in encoding) || encoding.late > encoding.early) return [];
    // Who silences small features wants the large ones first.
    if (encoding.silentBelow !== undefined && encoding.late < encoding.early) return [];
    const message = `\`late\` (${formatTime(encoding.late)}) is not after \`early\` (${formatTime(encoding.early)})`;
    return [
      value(["encoding", "late"], message, "large features spike first, or all at once; is that meant?"),
    ];
  },
];

/** Whether each label stands for an output neuron. */
function readsClasses({ scores }: Loss): boolean {
  return scores.length > 0;
}

function value(path: Problem["path"], message: string, hint?: string): Problem {
  return hint === undefined ? { path, at: "value", message } : { path, at: "value", message, hint };
}
