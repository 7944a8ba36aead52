/**
 * Reads files of reference cases: networks with the spike times, loss and gradient that somebody computed for
 * them. The format is written down in docs/grad-check.md; tests/reference has such files. Shapes and ranges are
 * checked here; nothing behind this file checks them again.
 */

import { type JsonPlace, jsonDocument } from "../../core/json-place.ts";

/** Constants of one neuron: times in µs, potentials with leak 0. */
export interface CaseNeuron {
  readonly taum: number;
  /** Of excitatory currents, and of inhibitory ones. */
  readonly taus: number;
  readonly taui: number;
  /** null: never spikes. */
  readonly theta: number | null;
  readonly reset: number;
  readonly tref: number;
}

/** Neurons are counted over all neurons of the case. */
export type CaseLoss =
  | { readonly kind: "spike-times"; readonly terms: readonly CaseTerm[] }
  | { readonly kind: "voltage-at"; readonly terms: readonly CaseTerm[] }
  | (CaseClasses & { readonly kind: "max-over-time-cross-entropy"; readonly scale: number })
  | (CaseClasses & { readonly kind: "mean-over-time"; readonly scale: number; readonly period: number })
  | (CaseClasses & {
      readonly kind: "first-spike";
      readonly tau0: number;
      readonly tau1: number;
      readonly alpha: number;
    })
  | (CaseClasses & {
      readonly kind: "target-times";
      readonly correct: number;
      readonly wrong: number;
      readonly unit: number;
    });

/** What all losses on classes have. */
interface CaseClasses {
  /** One for each class. */
  readonly neurons: readonly number[];
  /** Index into `neurons`. */
  readonly label: number;
}

/** `at` is the number of a spike (from 0), or a time in µs. */
export interface CaseTerm {
  readonly neuron: number;
  readonly at: number;
  readonly coefficient: number;
}

export interface GradientCase {
  readonly name: string;
  readonly inputs: number;
  /** In ascending time, µs. */
  readonly events: readonly { readonly time: number; readonly source: number }[];
  readonly neurons: readonly CaseNeuron[];
  /** [source][neuron]; sources are inputs, then neurons. */
  readonly weights: readonly (readonly number[])[];
  /** [source][neuron]; true where the case states a gradient. */
  readonly plastic: readonly (readonly boolean[])[];
  readonly duration: number;
  /** Every neuron in one of them; null when the file names none. */
  readonly groups: readonly (readonly number[])[] | null;
  readonly loss: CaseLoss;
  /** [source, neuron] where the derivatives of both sides differ: the gradient may be that of either side. */
  readonly twoSided: readonly (readonly [source: number, neuron: number])[];
  readonly expected: {
    /** [neuron][spike], µs. */
    readonly spikeTimes: readonly (readonly number[])[];
    readonly loss: number;
    /** [source][neuron] */
    readonly gradient: readonly (readonly number[])[];
  };
}

/** Beyond this a case is no reference any more, and matrices of it fill the memory. */
const MAX_NEURONS = 500;
const MAX_INPUTS = 10_000;

/** @throws UserError("input-file") with the path inside the document, also when there is no case at all */
export function parseCases(text: string, file: string): GradientCase[] {
  const document = jsonDocument(text, file);
  const list = document.field("cases");
  const places = list.items();
  if (places.length === 0) throw list.fail("there is no case, so nothing would be checked");
  return places.map(readCase);
}

function readCase(place: JsonPlace): GradientCase {
  const inputs = place.field("sources").integer(1, MAX_INPUTS);
  const neuronList = place.field("neurons");
  const neurons = neuronList.items().map(readNeuron);
  if (neurons.length === 0 || neurons.length > MAX_NEURONS)
    throw neuronList.fail(`1 to ${MAX_NEURONS} neurons are expected, found ${neurons.length}`);
  const duration = place.field("duration").number({ above: 0 });
  const sources = inputs + neurons.length;
  const matrix = <T>(at: JsonPlace, read: (entry: JsonPlace) => T): T[][] =>
    at.items(sources).map((row) => row.items(neurons.length).map(read));
  const expected = place.field("expected");
  const loss = readLoss(place.field("loss"), neurons, duration);
  const spikeTimes = expected
    .field("spikeTimes")
    .items(neurons.length)
    .map((row) => row.items().map((time) => time.number({ minimum: 0 })));
  if (loss.kind === "spike-times") {
    loss.terms.forEach(({ neuron, at }, i) => {
      const count = spikeTimes[neuron]?.length ?? 0;
      if (at >= count)
        throw place
          .field("loss")
          .fail(`term ${i} reads spike ${at} of neuron ${neuron}, which is expected to spike ${count} times`);
    });
  }
  return {
    name: place.field("name").text(),
    inputs,
    events: readEvents(place.field("inputEvents"), inputs),
    neurons,
    weights: matrix(place.field("weights"), (entry) => entry.number()),
    plastic: matrix(place.field("mask"), (entry) => entry.integer(0, 1) === 1),
    duration,
    groups: readGroups(place, neurons.length),
    loss,
    twoSided:
      optional(place, "nondiff", (list) =>
        list.items().map((entry) => {
          const [source, neuron] = entry.items(2) as [JsonPlace, JsonPlace];
          return [source.integer(0, sources - 1), neuron.integer(0, neurons.length - 1)] as const;
        }),
      ) ?? [],
    expected: {
      spikeTimes,
      loss: expected.field("loss").number(),
      gradient: matrix(expected.field("gradient"), (entry) => entry.number()),
    },
  };
}

function readNeuron(place: JsonPlace): CaseNeuron {
  const theta = place.field("theta");
  const threshold = theta.value === null ? null : theta.number({ above: 0 });
  const reset = place.field("reset");
  if (threshold !== null && reset.number() >= threshold)
    throw reset.fail(`a reset below the threshold ${threshold} is expected, found ${reset.number()}`);
  return {
    taum: place.field("taum").number({ above: 0 }),
    taus: place.field("taus").number({ above: 0 }),
    taui:
      optional(place, "taui", (at) => at.number({ above: 0 })) ?? place.field("taus").number({ above: 0 }),
    theta: threshold,
    reset: reset.number(),
    tref: place.field("tref").number({ minimum: 0 }),
  };
}

/** Undefined where the map has no such key. */
function optional<T>(place: JsonPlace, key: string, read: (at: JsonPlace) => T): T | undefined {
  return Object.hasOwn(place.value as object, key) ? read(place.field(key)) : undefined;
}

function readGroups(place: JsonPlace, neurons: number): number[][] | null {
  const groups = optional(place, "groups", (list) =>
    list.items().map((group) => group.items().map((neuron) => neuron.integer(0, neurons - 1))),
  );
  if (groups === undefined) return null;
  const all = groups.flat();
  if (all.length !== neurons || new Set(all).size !== neurons || groups.some(({ length }) => length === 0))
    throw place.field("groups").fail("every neuron in exactly one group is expected, and no empty group");
  return groups;
}

function readEvents(place: JsonPlace, inputs: number): GradientCase["events"] {
  return place
    .items()
    .map((event) => {
      const [time, source] = event.items(2) as [JsonPlace, JsonPlace];
      return { time: time.number({ minimum: 0 }), source: source.integer(0, inputs - 1) };
    })
    .sort((a, b) => a.time - b.time);
}

const LOSS_KINDS: readonly CaseLoss["kind"][] = [
  "spike-times",
  "voltage-at",
  "max-over-time-cross-entropy",
  "mean-over-time",
  "first-spike",
  "target-times",
];

function readLoss(place: JsonPlace, neurons: readonly CaseNeuron[], duration: number): CaseLoss {
  const kind = place.field("kind");
  const neuronAt = (at: JsonPlace): number => at.integer(0, neurons.length - 1);
  const terms = (readAt: (at: JsonPlace) => number): CaseTerm[] => {
    const list = place.field("terms").items();
    if (list.length === 0) throw place.fail("a loss without terms has no gradient");
    return list.map((term) => {
      const [neuron, at, coefficient] = term.items(3) as [JsonPlace, JsonPlace, JsonPlace];
      return { neuron: neuronAt(neuron), at: readAt(at), coefficient: coefficient.number() };
    });
  };
  const classes = (): CaseClasses => {
    const list = place.field("neurons");
    const read = list.items().map(neuronAt);
    if (read.length === 0 || new Set(read).size !== read.length)
      throw list.fail("at least one neuron, and none twice, is expected");
    return { neurons: read, label: place.field("label").integer(0, read.length - 1) };
  };
  const positive = (key: string): number => place.field(key).number({ above: 0 });
  const notNegative = (key: string): number => place.field(key).number({ minimum: 0 });
  switch (kind.text()) {
    case "spike-times":
      return { kind: "spike-times", terms: terms((at) => at.integer(0, 1_000_000)) };
    case "voltage-at":
      return {
        kind: "voltage-at",
        terms: terms((at) => {
          const time = at.number({ minimum: 0 });
          if (time >= duration) throw at.fail(`a time before the end, ${duration} us, is expected`);
          return time;
        }),
      };
    case "max-over-time-cross-entropy":
      return { kind: "max-over-time-cross-entropy", ...classes(), scale: positive("scale") };
    case "mean-over-time": {
      const period = positive("period");
      if (period >= duration)
        throw place.field("period").fail(`a period below the duration, ${duration} us, is expected`);
      return { kind: "mean-over-time", ...classes(), scale: positive("scale"), period };
    }
    case "first-spike":
      return {
        kind: "first-spike",
        ...classes(),
        tau0: positive("tau0"),
        tau1: positive("tau1"),
        alpha: notNegative("alpha"),
      };
    case "target-times":
      return {
        kind: "target-times",
        ...classes(),
        correct: notNegative("correct"),
        wrong: notNegative("wrong"),
        unit: positive("unit"),
      };
    default:
      throw kind.fail(
        `there is no loss ${JSON.stringify(kind.value)}`,
        `losses are: ${LOSS_KINDS.join(", ")}`,
      );
  }
}
