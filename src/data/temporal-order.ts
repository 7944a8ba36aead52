/**
 * A task of recorded spikes that needs no download: words of three sounds, in which only the order of the sounds tells the
 * class. It has the shape of spoken digits in spikes (SHD, Cramer et al. 2022): many channels, most of a second, some
 * hundred spikes a sample. Every sound comes once in every word, so counting the spikes of channels tells nothing.
 *
 * A sound is drawn once: each channel takes part with probability `density`, at a time of its own within the sound. A
 * sample plays the sounds one after the other in the order of its class, with a `pause` between them: a network tells the
 * classes apart only if something in it lasts longer than that. Each sound is shifted by a normal jitter as a
 * whole, each spike is shifted by one of its own and comes with probability 1 − `loss`, and background spikes come from
 * any channel at any time (a Poisson process).
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { timeSchema } from "../core/option-schemas.ts";
import { type Stream, stream } from "../core/random.ts";
import { member } from "../core/table.ts";
import { spikeBatch } from "./spike-batch.ts";
import { type DatasetSplits, type EventData, SPLITS } from "./types.ts";

const size = (count: number, split: string) =>
  Type.Integer({ default: count, minimum: 1, maximum: 1_000_000, description: `Samples for ${split}.` });
const probability = (value: number, description: string) =>
  Type.Number({ default: value, minimum: 0, maximum: 1, description });

const options = {
  channels: Type.Integer({ default: 128, minimum: 2, maximum: 65_536, description: "Channels." }),
  trainSize: size(1200, "training"),
  validationSize: size(300, "validation"),
  testSize: size(600, "testing"),
  soundLength: timeSchema({ default: "250 ms", above: 0, description: "Recorded time of a sound." }),
  pause: timeSchema({
    default: "0 ms",
    minimum: 0,
    description: "Recorded time between one sound and the next, with background spikes only.",
  }),
  density: probability(0.3, "Share of the channels that take part in a sound."),
  loss: probability(0.2, "Probability that a spike of a sound is missing."),
  soundJitter: timeSchema({
    default: "15 ms",
    minimum: 0,
    description: "Standard deviation of a sound's shift.",
  }),
  spikeJitter: timeSchema({
    default: "5 ms",
    minimum: 0,
    description: "Standard deviation of a spike's shift.",
  }),
  background: Type.Number({
    default: 20,
    minimum: 0,
    maximum: 10_000,
    description: "Mean number of background spikes in a sample.",
  }),
  soundSeed: Type.Integer({
    default: 1,
    minimum: 0,
    maximum: 0xffffffff,
    description: "Seed of the sounds.",
  }),
  seed: Type.Integer({ default: 1, minimum: 0, maximum: 0xffffffff, description: "Seed of the samples." }),
};

type Options = Static<TObject<typeof options>>;

export const temporalOrder = member({
  kind: "temporal-order",
  summary: "recorded words of three sounds in six classes that differ in their order alone; generated",
  options,
  create: (chosen: Options): DatasetSplits<EventData> => {
    const sounds = SOUNDS.map((_, sound) =>
      drawSound(chosen, stream(chosen.soundSeed, "data/sounds", sound)),
    );
    const [train, validation, test] = SPLITS.map((split) => words(split, sounds, chosen));
    return { train: train!, validation: validation!, test: test! };
  },
});

const SOUNDS = ["a", "b", "c"];
/** Orders of the sounds; class i is ORDERS[i]. */
const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;
const CLASS_NAMES = ORDERS.map((order) => order.map((sound) => SOUNDS[sound]).join(""));

/** Channels that take part, and when (µs from the beginning of the sound). */
type Sound = readonly { readonly channel: number; readonly time: number }[];

function drawSound({ channels, density, soundLength }: Options, draws: Stream): Sound {
  const sound: { channel: number; time: number }[] = [];
  for (let channel = 0; channel < channels; channel++) {
    const takesPart = draws.uniform() < density;
    const time = draws.uniform() * soundLength;
    if (takesPart) sound.push({ channel, time });
  }
  return sound;
}

function words(split: (typeof SPLITS)[number], sounds: readonly Sound[], chosen: Options): EventData {
  const { channels, soundLength, pause, soundJitter, spikeJitter, loss, background } = chosen;
  const count = chosen[`${split}Size`];
  const end = SOUNDS.length * soundLength + (SOUNDS.length - 1) * pause;
  // Classes in turn: all are equally frequent, and batches are drawn at random anyway.
  const labels = Uint8Array.from({ length: count }, (_, sample) => sample % ORDERS.length);
  const { offset, time, source } = spikeBatch(count, (sample, spike) => {
    const draws = stream(chosen.seed, `data/temporal-order/${split}`, sample);
    const inside = (at: number): number => Math.min(end, Math.max(0, at));
    ORDERS[labels[sample]!]!.forEach((sound, place) => {
      const start = place * (soundLength + pause) + soundJitter * draws.normal();
      for (const part of sounds[sound]!) {
        const at = start + part.time + spikeJitter * draws.normal();
        if (draws.uniform() >= loss) spike(part.channel, inside(at));
      }
    });
    if (background > 0)
      for (let at = 0; ; ) {
        at -= (Math.log(1 - draws.uniform()) * end) / background;
        if (at > end) break;
        spike(draws.below(channels), at);
      }
  });
  return {
    size: count,
    classes: ORDERS.length,
    classNames: CLASS_NAMES,
    labels,
    channels,
    offset,
    time,
    source,
  };
}
