/** Batches in parts: a chip that answers for the first entries only is asked for the others, and the parts are joined. */

import type { CadcRecording, MadcRecording, Recording, RunOptions, SpikeBatch } from "../types.ts";

export interface Work {
  readonly spikes: SpikeBatch;
  readonly options: RunOptions;
}

/** The entries `from` to `to` (exclusive) of a batch. */
export function entriesOf({ spikes, options }: Work, from: number, to: number): Work {
  const first = spikes.offset[from]!;
  const last = spikes.offset[to]!;
  const { noiseKey } = options;
  return {
    spikes: {
      entries: to - from,
      duration: spikes.duration,
      offset: spikes.offset.slice(from, to + 1).map((event) => event - first),
      tick: spikes.tick.slice(first, last),
      label: spikes.label.slice(first, last),
    },
    options:
      noiseKey === undefined
        ? options
        : { ...options, noiseKey: { run: noiseKey.run, sample: noiseKey.sample.slice(from, to) } },
  };
}

/** @param parts of consecutive entries, at least one; @param entries of each part */
export function joined(parts: readonly Recording[], entries: readonly number[]): Recording {
  if (parts.length === 1) return parts[0]!;
  const cadcs = parts.flatMap(({ cadc }) => (cadc === undefined ? [] : [cadc]));
  const madcs = parts.flatMap(({ madc }) => (madc === undefined ? [] : [madc]));
  return {
    spikes: joinSpikes(parts, entries),
    ...(cadcs.length === 0 ? {} : { cadc: joinCadc(cadcs) }),
    ...(madcs.length === 0 ? {} : { madc: joinMadc(madcs) }),
    health: {
      droppedIn: sum(parts.map(({ health }) => health.droppedIn)),
      droppedOut: sum(parts.map(({ health }) => health.droppedOut)),
      cadcTruncated: parts.some(({ health }) => health.cadcTruncated),
      spikeBytes: sum(parts.map(({ health }) => health.spikeBytes)),
      cadcBytes: sum(parts.map(({ health }) => health.cadcBytes)),
    },
  };
}

function joinSpikes(parts: readonly Recording[], entries: readonly number[]): Recording["spikes"] {
  const count = sum(parts.map(({ spikes }) => spikes.count));
  const all = {
    count,
    entry: new Int32Array(count),
    tick: new Int32Array(count),
    label: new Uint16Array(count),
  };
  let at = 0;
  let firstEntry = 0;
  parts.forEach(({ spikes }, part) => {
    for (let k = 0; k < spikes.count; k++, at++) {
      all.entry[at] = spikes.entry[k]! + firstEntry;
      all.tick[at] = spikes.tick[k]!;
      all.label[at] = spikes.label[k]!;
    }
    firstEntry += entries[part]!;
  });
  return all;
}

function joinCadc(parts: readonly CadcRecording[]): CadcRecording {
  const { recordedNeurons, samples, nominalTime } = parts[0]!;
  return {
    recordedNeurons,
    samples,
    nominalTime,
    code: Uint8Array.from(parts.flatMap(({ code }) => [...code])),
    time: Float64Array.from(parts.flatMap(({ time }) => [...time])),
  };
}

function joinMadc(parts: readonly MadcRecording[]): MadcRecording {
  return { samples: parts[0]!.samples, code: Uint16Array.from(parts.flatMap(({ code }) => [...code])) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
