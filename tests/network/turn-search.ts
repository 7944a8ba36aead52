/**
 * First output spikes of a layered network by the search of Wunderlich and Pehle's program (2021), whose results are
 * in ../shared/reference: a crossing is looked for before the membrane's turn, then before the next input. Between
 * inputs, with κ = τ_s/(τ_m − τ_s), S_r = Σ w e^{t_i/τ_r} over the inputs so far and p the neuron's own spikes,
 *
 *     V(t) = κ (S_m e^{−t/τ_m} − S_s e^{−t/τ_s}) − ϑ Σ_p e^{−(t−p)/τ_m}
 *
 * so V turns where κ (S_m − (ϑ/κ) Σ_p e^{p/τ_m})/τ_m · e^{−t/τ_m} = κ S_s/τ_s · e^{−t/τ_s}. The published program has ϑ
 * where ϑ/κ belongs, which is the same for τ_m = 2 τ_s but not for the 20 ms and 5 ms of these networks: after a spike
 * of its own, the turn of a neuron is looked for at a wrong time, and a crossing before it may be missed.
 *
 * Weights [source][target], times in ms, threshold 1, reset 0, no refractory time. Shares no code with src.
 */

export type Weights = readonly (readonly number[])[];
export type Spike = readonly [time: number, neuron: number];

const TAU_M = 20;
const TAU_S = 5;
const KAPPA = TAU_S / (TAU_M - TAU_S);

/** What a spike's reset takes from S_m when the turn is computed. */
export const RESET_SHARE = { asPublished: 1, exact: 1 / KAPPA } as const;

/** First spike of each output, ms; Infinity for none. @param inputs in ascending time */
export function firstSpikesBySearch(
  inputs: readonly Spike[],
  hidden: Weights,
  output: Weights,
  resetShare: number,
): number[] {
  const between = layer(inputs, hidden, resetShare);
  return layer(between, output, resetShare).reduce((first, [time, neuron]) => {
    first[neuron] = Math.min(first[neuron]!, time);
    return first;
  }, new Array<number>(output[0]!.length).fill(Number.POSITIVE_INFINITY));
}

function layer(inputs: readonly Spike[], weights: Weights, resetShare: number): Spike[] {
  const spikes = weights[0]!.flatMap((_, neuron) =>
    neuronSpikes(
      inputs.map(([time, source]) => [time, weights[source]![neuron]!]),
      resetShare,
    ).map((time): Spike => [time, neuron]),
  );
  return spikes.sort((a, b) => a[0] - b[0]);
}

/** @param inputs [time, weight] */
function neuronSpikes(inputs: readonly (readonly [number, number])[], resetShare: number): number[] {
  const own: number[] = [];
  let membraneSum = 0;
  let synapseSum = 0;
  const voltage = (time: number): number =>
    KAPPA * (membraneSum * Math.exp(-time / TAU_M) - synapseSum * Math.exp(-time / TAU_S)) -
    own.reduce((sum, spike) => sum + (spike > time ? 0 : Math.exp((spike - time) / TAU_M)), 0);
  const turn = (): number => {
    const left = membraneSum - resetShare * own.reduce((sum, spike) => sum + Math.exp(spike / TAU_M), 0);
    return Math.log((TAU_S / TAU_M) * (left / synapseSum)) / (1 / TAU_M - 1 / TAU_S);
  };
  inputs.forEach(([from, weight], i) => {
    membraneSum += weight * Math.exp(from / TAU_M);
    synapseSum += weight * Math.exp(from / TAU_S);
    const until = inputs[i + 1]?.[0] ?? Number.POSITIVE_INFINITY;
    for (;;) {
      const top = turn();
      const begin = Math.max(from, own.at(-1) ?? from);
      const end = [top, until].find(
        (time) => time >= from && time <= until && time < Number.POSITIVE_INFINITY && voltage(time) > 1,
      );
      if (end === undefined) return;
      own.push(crossing(voltage, begin, end));
    }
  });
  return own;
}

/** By halving, to the last bit: V is below threshold at `low` (just reset, or at an input) and above at `high`. */
function crossing(voltage: (time: number) => number, low: number, high: number): number {
  let [under, over] = [low, high];
  for (;;) {
    const middle = (under + over) / 2;
    if (middle === under || middle === over) return over;
    if (voltage(middle) > 1) over = middle;
    else under = middle;
  }
}
