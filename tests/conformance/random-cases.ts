/**
 * Random networks of every kind that the reference cases have: layered and recurrent, equal, nearly equal and extreme
 * time constants, thresholds of any size, refractory times, resets near the threshold, strong weights, simultaneous
 * inputs, samples at the time of an input, all losses. In the format of reference cases, without what is expected.
 */

import { type Stream, stream } from "../../src/core/random.ts";
import type { CaseLoss, CaseNeuron, GradientCase } from "../../src/gradcheck/reference/case-file.ts";

const DURATION = 38;

export function randomCase(seed: number): GradientCase {
  const draws = stream(seed, "test/random-case");
  const chance = (probability: number): boolean => draws.uniform() < probability;
  const inputs = 1 + draws.below(4);
  const groups = layersOf(draws);
  const neuronCount = groups.flat().length;
  const outputs = groups.at(-1) as readonly number[];
  const readout = chance(0.45);
  const unit = chance(0.7) ? 1 : 10 ** (6 * draws.uniform() - 3);
  const drawTaus = timeConstants(draws);
  const recurrent = chance(0.35);
  const strong = chance(0.15) ? 5 : 1;
  const reset = [0, 0, -0.5, 0.9][draws.below(4)]!;
  // Without one, such networks spike without end.
  const shortest = recurrent || strong > 1 || reset > 0 ? 0.5 : 0;
  const refractory = Math.max(shortest, [0, 1, 1, 3, 100][draws.below(5)]!);
  const neurons = groups.flatMap((group) =>
    group.map((): CaseNeuron => {
      const silent = readout && group === outputs;
      return {
        ...drawTaus(),
        theta: silent ? null : unit * (1 + 0.1 * draws.normal() * Number(chance(0.5))),
        reset: silent ? 0 : unit * reset,
        tref: silent ? 0 : refractory,
      };
    }),
  );
  const layerOf = groups.flatMap((group, layer) => group.map(() => layer));
  const weightOf = (source: number, neuron: number): number => {
    const from = source < inputs ? -1 : layerOf[source - inputs]!;
    const next = layerOf[neuron] === from + 1;
    const back = recurrent && from >= 0 && !(readout && outputs.includes(source - inputs));
    if (!next && !back) return 0;
    const [mean, spread] = from === -1 ? [2.2, 1.5] : next ? [1.2, 1.2] : [-0.2, 0.6];
    return chance(0.1) ? 0 : unit * strong * (mean + spread * draws.normal());
  };
  const matrix = <T>(entry: (source: number, neuron: number) => T): T[][] =>
    Array.from({ length: inputs + neuronCount }, (_, source) =>
      Array.from({ length: neuronCount }, (_, neuron) => entry(source, neuron)),
    );
  const weights = matrix(weightOf);
  const events = Array.from({ length: 2 + draws.below(8) }, () => ({
    time: 20 * draws.uniform(),
    source: draws.below(inputs),
  })).sort((a, b) => a.time - b.time);
  if (chance(0.2)) events[1] = { time: events[0]!.time, source: draws.below(inputs) };
  return {
    name: `random ${seed}`,
    inputs,
    events,
    neurons,
    weights,
    plastic: weights.map((row) => row.map((weight) => weight !== 0)),
    duration: DURATION,
    groups,
    loss: lossOf(draws, outputs, readout, unit, events),
    twoSided: [],
    expected: { spikeTimes: [], loss: 0, gradient: matrix(() => 0) },
  };
}

function layersOf(draws: Stream): number[][] {
  let next = 0;
  return Array.from({ length: 1 + draws.below(3) }, () =>
    Array.from({ length: 1 + draws.below(4) }, () => next++),
  );
}

/** Makes the function that draws the time constants of one neuron; all neurons of a network are of one kind. */
function timeConstants(draws: Stream): () => Pick<CaseNeuron, "taum" | "taus" | "taui"> {
  const kind = draws.below(5);
  const around = (tau: number, spread: number): number => tau * (1 + spread * (2 * draws.uniform() - 1));
  const free = (): number => Math.exp(Math.log(0.5) + Math.log(60) * draws.uniform());
  const near = 10 ** (-12 * draws.uniform());
  const own = draws.uniform() < 0.4;
  return () => {
    const taum = kind === 3 ? free() : around(6, kind === 0 ? 0 : 0.05);
    const taus = kind <= 1 ? taum : kind === 2 ? around(taum, near) : kind === 3 ? free() : taum / 2;
    return { taum, taus, taui: own ? (kind === 2 ? around(taus, near) : around(taus, 0.4)) : taus };
  };
}

function lossOf(
  draws: Stream,
  outputs: readonly number[],
  readout: boolean,
  unit: number,
  events: GradientCase["events"],
): CaseLoss {
  const classes = { neurons: outputs, label: draws.below(outputs.length) };
  const scale = [1, 5, 30][draws.below(3)]! / unit;
  const anyOutput = (): number => outputs[draws.below(outputs.length)]!;
  const kind = draws.below(readout ? 3 : 6);
  switch (kind) {
    case 0: {
      const time = (): number =>
        draws.uniform() < 0.2 ? events[draws.below(events.length)]!.time : 37 * draws.uniform();
      const terms = Array.from({ length: 3 }, () => ({
        neuron: anyOutput(),
        at: time(),
        coefficient: draws.normal() / unit,
      }));
      return { kind: "voltage-at", terms };
    }
    case 1:
      return { kind: "mean-over-time", ...classes, scale, period: 1.7 };
    case 2:
      return { kind: "max-over-time-cross-entropy", ...classes, scale };
    case 3:
      return { kind: "first-spike", ...classes, tau0: 3, tau1: 8, alpha: 0.003 };
    case 4:
      return { kind: "target-times", ...classes, correct: 8, wrong: 14, unit: 2 };
    default: {
      const terms = Array.from({ length: 4 }, () => ({
        neuron: anyOutput(),
        at: draws.below(3),
        coefficient: draws.normal(),
      }));
      return { kind: "spike-times", terms };
    }
  }
}
