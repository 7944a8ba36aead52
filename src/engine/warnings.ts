/**
 * Conditions under which a network learns badly or not at all, seen in the rows of metrics.csv. Each is said once for
 * each part of the network, when it begins: as a line on stderr and as an entry of `warnings` in result.json. All they
 * need is in the rows, so a resumed run knows what was said before. docs/when-it-does-not-learn.md explains each.
 *
 * What can be known before anything runs (a class without samples, an averaging that never begins) is said by the
 * checks of the experiment file.
 *
 * Long because the table of conditions is here, whole: each member is a few lines.
 */

import type { Network } from "../network/network.ts";
import type { MetricsRow } from "./metrics.ts";

export interface Warning {
  /** Name of the condition, as in docs/when-it-does-not-learn.md. */
  readonly condition: string;
  /** Population, projection or split that it is about. */
  readonly subject: string;
  /** 0 for what is seen without learning. */
  readonly epoch: number;
  readonly split: string;
  readonly message: string;
  /** What to do. */
  readonly hint: string;
}

/** What the conditions know beside the row. */
export interface WatchContext {
  readonly network: Pick<Network, "populations" | "projections">;
  /** Steps between the weights that the substrate can have, for each projection. */
  readonly weightSteps: ArrayLike<number>;
  /** Loss of a network that knows nothing, see Loss. */
  readonly lossOfEqualScores?: number | undefined;
}

interface Seen extends WatchContext {
  readonly row: MetricsRow;
  /** Earlier rows of the same split, oldest first. */
  readonly earlier: readonly MetricsRow[];
}

interface Found {
  readonly subject: string;
  readonly message: string;
}

interface Condition {
  readonly name: string;
  readonly hint: string;
  find(seen: Seen): readonly Found[];
}

/** Shares and lengths from which on something is worth a warning. Chosen by us: a healthy run stays well below. */
const MANY = 0.5;
const SOME = 0.1;
const FEW = 0.01;
/** Simulated chips lose 0.25 % of events each way by default (docs/hardware.md); several times that is not noise. */
const MORE_THAN_NOISE = 0.02;
/** Epochs for which a loss must stay near that of guessing, and how near. */
const STUCK_EPOCHS = 5;
const STUCK_WITHIN = 0.02;

const CONDITIONS: readonly Condition[] = [
  {
    name: "silent-population",
    hint: "raise the mean of the initial weights into it, or drive it with `regularizers: [{ kind: rate }]`",
    find: (seen) =>
      ofPopulations(seen, ({ name, size }, cell) => {
        const neurons = cell("silent_neurons");
        const samples = cell("silent_samples");
        if (neurons <= MANY && samples <= MANY) return undefined;
        const silent = Math.round(neurons * size);
        return `${name} is silent: ${silent} of ${size} neurons have no spike at all, ${percent(samples)} of the samples have none in it`;
      }),
  },
  {
    name: "zero-gradient",
    hint: "nothing that these weights do reaches the loss: look for silent populations behind them, and for outputs that do not answer",
    find: (seen) =>
      ofProjections(seen, ({ name }, cell) =>
        cell("zero_gradients") === 1 ? `the gradient of ${name} is exactly zero in every batch` : undefined,
      ),
  },
  {
    name: "loss-of-guessing",
    hint: "check that hidden neurons spike and outputs answer; then try a larger optimizer.learningRate, or other initial weights",
    find({ row, earlier, lossOfEqualScores }) {
      if (row.split !== "train" || lossOfEqualScores === undefined) return [];
      const recent = [...earlier, row].slice(-STUCK_EPOCHS);
      const near = recent.every(
        ({ loss_classification: loss }) =>
          loss !== null && Math.abs(loss - lossOfEqualScores) <= STUCK_WITHIN * lossOfEqualScores,
      );
      if (recent.length < STUCK_EPOCHS || !near) return [];
      const message = `the loss has stayed at ${short(row.loss_classification!)} for ${STUCK_EPOCHS} epochs: that of guessing, ln of the number of outputs`;
      return [{ subject: "loss", message }];
    },
  },
  {
    name: "loss-above-guessing",
    hint: "lower optimizer.learningRate, or clip the gradient with training.clip",
    find({ row, earlier, lossOfEqualScores }) {
      const [first] = earlier;
      const loss = row.loss_classification;
      if (row.split !== "train" || lossOfEqualScores === undefined || first === undefined || loss === null)
        return [];
      if (loss <= 2 * lossOfEqualScores || loss <= (first.loss_classification ?? 0)) return [];
      const message = `the loss has grown to ${short(loss)}; guessing costs ${short(lossOfEqualScores)}`;
      return [{ subject: "loss", message }];
    },
  },
  {
    name: "outputs-silent",
    hint: "such samples count as wrong; raise the weights into the outputs, or lengthen network.duration",
    find: ({ row }) =>
      shareOfSamples(
        row,
        row.unanswered,
        FEW,
        (share) => `no output answers in ${share} of the ${row.split} samples`,
      ),
  },
  {
    name: "outputs-missing",
    hint: "an output without a spike has no gradient; raise the weights into the outputs, or use `regularizers: [{ kind: rate }]`",
    find({ row }) {
      const answers = row.samples === null ? 0 : row.samples;
      const mean = (row.missing_outputs ?? 0) / answers;
      if (!(mean > 1)) return [];
      return [
        {
          subject: row.split,
          message: `${short(mean)} outputs of a ${row.split} sample do not answer, on average`,
        },
      ];
    },
  },
  {
    name: "outputs-tied",
    hint: "a tie is no prediction and counts as wrong; outputs that always do the same have the same weights, or saturate",
    find: ({ row }) =>
      shareOfSamples(
        row,
        row.tied,
        FEW,
        (share) => `several outputs share the best score in ${share} of the ${row.split} samples`,
      ),
  },
  {
    name: "weights-zeroed",
    hint: "give these weights more size (init.mean, init.std), or take fewer inputs and a higher weight for each",
    find: (seen) =>
      ofProjections(seen, ({ name, sources, targets }, cell, p) => {
        const share = cell("zeroed_weights");
        if (share <= MANY) return undefined;
        const weights = sources * targets;
        const half = short(0.5 * seen.weightSteps[p]!);
        return `${Math.round(share * weights)} of ${weights} weights of ${name} are below half a step of the chip (${half}) and became 0`;
      }),
  },
  {
    name: "weights-limited",
    hint: "give the projection more `rows`: each adds to the largest weight; or fewer and stronger inputs",
    find: (seen) =>
      ofProjections(seen, ({ name, sources, targets }, cell) => {
        const share = cell("limited_weights");
        if (share <= SOME) return undefined;
        const weights = sources * targets;
        return `${Math.round(share * weights)} of ${weights} weights of ${name} are at the limit of the chip`;
      }),
  },
  {
    name: "inputs-dropped",
    hint: "too many events come at the same time on one bus: spread the spikes in time, or lower `rows`",
    find({ row }) {
      const sent = (row.inputs_per_sample ?? 0) * (row.samples ?? 0);
      return ofChip(
        row,
        row.dropped_inputs,
        sent,
        MORE_THAN_NOISE,
        "input events were dropped on their way into the chip",
      );
    },
  },
  {
    name: "spikes-dropped",
    hint: "the network spikes more than the chip's links carry: lower the rates with `regularizers: [{ kind: rate }]`",
    find: ({ row }) =>
      ofChip(
        row,
        row.dropped_spikes,
        spikesOf(row),
        MORE_THAN_NOISE,
        "spikes were dropped on their way out of the chip",
      ),
  },
  {
    name: "stray-events",
    hint: "no neuron of the network sends these labels: another neuron of the chip is active, or the routing is wrong",
    find: ({ row }) =>
      ofChip(
        row,
        row.stray_events,
        spikesOf(row),
        FEW,
        "events came back that no neuron of the network sends",
      ),
  },
  {
    name: "early-spikes",
    hint: "spikes before any input come from neurons that fire by themselves: calibrate anew, or lower the leak",
    find: ({ row }) =>
      ofChip(row, row.early_spikes, spikesOf(row), FEW, "spikes are stamped before their sample began"),
  },
  {
    name: "late-spikes",
    hint: "they are left out; lengthen network.duration, so that the last spikes come before the end",
    find: ({ row }) =>
      ofChip(row, row.late_spikes, spikesOf(row), FEW, "spikes are stamped after the end of their sample"),
  },
  {
    name: "late-arrivals",
    hint: "they have no effect and no gradient; lengthen network.duration, or lower the `max` of the delays",
    find({ row }) {
      const late = row.late_arrivals ?? 0;
      const sent = (row.inputs_per_sample ?? 0) * (row.samples ?? 0) + spikesOf(row);
      if (!(late > FEW * sent)) return [];
      const message = `delays push ${late} arrivals of ${row.split} spikes beyond the end of their sample`;
      return [{ subject: row.split, message }];
    },
  },
  {
    name: "recordings-cut",
    hint: "the converter's memory was full: shorten network.duration, or use `chip.cadc: dram`",
    find({ row }) {
      if ((row.cut_recordings ?? 0) === 0) return [];
      const message = `${row.cut_recordings} recordings of membranes end before their sample does`;
      return [{ subject: row.split, message }];
    },
  },
  {
    name: "jumps-capped",
    hint: "membranes barely reach the threshold, where the exact gradient is nearly infinite: see estimator.slopeFloor; stronger or fewer weights make steeper crossings",
    find({ row }) {
      const share = (row.capped_jumps ?? 0) / spikesOf(row);
      if (!(share > SOME)) return [];
      return [
        {
          subject: "gradient",
          message: `the jump of the adjoint was capped at ${percent(share)} of the spikes`,
        },
      ];
    },
  },
];

/** Names of all conditions, for documents and tests. */
export const CONDITION_NAMES: readonly string[] = CONDITIONS.map(({ name }) => name);

/** What is said on stderr, before the hint. */
export function warningLine({ message, epoch, condition }: Warning): string {
  return `${epoch === 0 ? "" : `epoch ${epoch}: `}${message} (${condition})`;
}

/** Given one row after the other, returns what begins with it. */
export type Watch = (row: MetricsRow) => Warning[];

export function createWatch(context: WatchContext): Watch {
  const said = new Set<string>();
  const earlier = new Map<string, MetricsRow[]>();
  return (row) => {
    const before = earlier.get(row.split) ?? [];
    const warnings: Warning[] = [];
    for (const { name, hint, find } of CONDITIONS) {
      for (const { subject, message } of find({ ...context, row, earlier: before })) {
        const key = `${name} ${subject}`;
        if (said.has(key)) continue;
        said.add(key);
        warnings.push({ condition: name, subject, epoch: row.epoch, split: row.split, message, hint });
      }
    }
    // The first row, and as many as the longest condition looks back.
    earlier.set(
      row.split,
      before.length < STUCK_EPOCHS ? [...before, row] : [before[0]!, ...before.slice(2), row],
    );
    return warnings;
  };
}

type Part = { readonly name: string };
type Cell = (column: string) => number;

function cellOf({ row }: Seen, { name }: Part): Cell {
  return (column) => row.parts[`${name}.${column}`] ?? 0;
}

function ofPopulations(
  seen: Seen,
  message: (population: Network["populations"][number], cell: Cell) => string | undefined,
): Found[] {
  return seen.network.populations.flatMap((population) => {
    const found = message(population, cellOf(seen, population));
    return found === undefined ? [] : [{ subject: population.name, message: found }];
  });
}

function ofProjections(
  seen: Seen,
  message: (projection: Network["projections"][number], cell: Cell, index: number) => string | undefined,
): Found[] {
  return seen.network.projections.flatMap((projection, p) => {
    const found = message(projection, cellOf(seen, projection), p);
    return found === undefined ? [] : [{ subject: projection.name, message: found }];
  });
}

function shareOfSamples(
  { split, samples }: MetricsRow,
  count: number | null,
  limit: number,
  message: (share: string) => string,
): Found[] {
  const share = (count ?? 0) / (samples ?? 0);
  return share > limit ? [{ subject: split, message: message(percent(share)) }] : [];
}

function ofChip(
  { split }: MetricsRow,
  count: number | null,
  of: number,
  limit: number,
  what: string,
): Found[] {
  const share = (count ?? 0) / (of + (count ?? 0));
  return share > limit ? [{ subject: split, message: `${percent(share)} of the ${split} ${what}` }] : [];
}

function spikesOf({ spikes_per_sample, samples }: MetricsRow): number {
  return (spikes_per_sample ?? 0) * (samples ?? 0);
}

function percent(share: number): string {
  const value = 100 * share;
  return `${value === 100 ? "100" : value.toPrecision(2)} %`;
}

function short(value: number): string {
  return Number(value.toPrecision(3)).toString();
}
