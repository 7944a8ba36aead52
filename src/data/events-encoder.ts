/**
 * Recorded spikes as input spikes: channel c of n is source c, or ⌊c · `channels` / n⌋ of fewer, and a recorded time t comes at `start` + t / `timeScale` of
 * network time. Recordings of seconds, such as spoken words, become samples of some ten µs.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { UserError } from "../core/errors.ts";
import { timeSchema } from "../core/option-schemas.ts";
import { member } from "../core/table.ts";
import { MAX_CHANNELS } from "./recorded.ts";
import { spikeBatch } from "./spike-batch.ts";
import {
  type Dataset,
  type DatasetSplits,
  type Encoder,
  type EventData,
  isEventData,
  SPLITS,
} from "./types.ts";

const options = {
  timeScale: Type.Number({
    default: 1,
    exclusiveMinimum: 0,
    description: "Recorded time per time of the network: 1000 turns 1 ms of the recording into 1 us.",
  }),
  channels: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_CHANNELS,
      description: "Sources: neighboring channels are joined (default: one for each channel).",
    }),
  ),
  start: timeSchema({ default: "0 us", minimum: 0, description: "Added to every time, after scaling." }),
  until: Type.Optional(
    timeSchema({ above: 0, description: "Later spikes, in network time, are left out (default: none)." }),
  ),
};

export const events = member({
  kind: "events",
  summary: "recorded spikes as they are, their times scaled",
  options,
  create: (code: Static<TObject<typeof options>>, made: DatasetSplits): Encoder => {
    const { timeScale, start, until = Number.POSITIVE_INFINITY } = code;
    const { channels } = eventsOf(made.train);
    const sources = code.channels ?? channels;
    if (sources > channels)
      throw new UserError(
        "compatibility",
        `${sources} sources are asked for, the recordings have ${channels} channels`,
        {
          hint: `lower \`encoding.channels\` to ${channels} or less`,
        },
      );
    let last = start;
    for (const split of SPLITS) {
      for (const at of eventsOf(made[split]).time) {
        const scaled = start + at / timeScale;
        if (scaled <= until && scaled > last) last = scaled;
      }
    }
    return {
      inputs: sources,
      latest: last,
      encode: (dataset) => {
        const data = eventsOf(dataset);
        return spikeBatch(data.size, (sample, spike) => {
          for (let i = data.offset[sample]!; i < data.offset[sample + 1]!; i++) {
            const scaled = start + data.time[i]! / timeScale;
            if (scaled <= until) spike(Math.floor((data.source[i]! * sources) / channels), scaled);
          }
        });
      },
    };
  },
});

function eventsOf(data: Dataset): EventData {
  if (isEventData(data)) return data;
  const hint = "choose a code of features: `eventprop list encoders`";
  throw new UserError("compatibility", "`events` needs recorded spikes, but the data are features", { hint });
}
