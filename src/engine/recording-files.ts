/**
 * spikes.csv and membrane.csv of `emulate`: what was observed of every neuron, sample by sample, with the
 * shortest decimal text that gives the double back. Written to a temporary name and renamed when complete.
 *
 *     spikes.csv     sample,population,neuron,time_us
 *     membrane.csv   sample,population,neuron,time_us,voltage     (model units: leak 0, nominal threshold 1)
 *
 * `neuron` counts within its population; `sample` is the number that events.csv gave it.
 */

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileError, removeAbandoned, syncFolder, temporaryPath } from "../core/durable-files.ts";
import type { Network } from "../network/network.ts";
import type { Observation } from "../network/observation.ts";

/** Membrane samples per neuron in software: as many as a chip's converter takes in 38 µs at its 2 µs. */
export const SOFTWARE_SAMPLES = 19;

export interface RecordingWriter {
  /** Appends one sample; the observation's buffers may be reused afterwards. */
  append(sample: number, observation: Observation): void;
  /** Gives the files their final names. */
  finish(): void;
  /** Removes what was written so far. */
  discard(): void;
}

/** Text is handed to the operating system in pieces of about this many characters. */
const PIECE = 1 << 16;

/** @throws UserError("file") when a file cannot be written, here and in the methods */
export function openRecording(folder: string, network: Network): RecordingWriter {
  // One entry per neuron: ",population,neuron,", ready to be put between sample and time.
  const address = network.populations.flatMap(({ name, size }) =>
    Array.from({ length: size }, (_, neuron) => `,${quoted(name)},${neuron},`),
  );
  const spikes = openText(join(folder, "spikes.csv"), "sample,population,neuron,time_us\n");
  const membrane = openText(join(folder, "membrane.csv"), "sample,population,neuron,time_us,voltage\n");
  return {
    append(sample, { spikes: seen, voltages }) {
      for (let i = 0; i < seen.count; i++) {
        spikes.write(`${sample}${address[seen.index[i]!]}${seen.time[i]}\n`);
      }
      for (let i = 0; i < voltages.count; i++) {
        const neuron = address[voltages.neuron[i]!];
        membrane.write(`${sample}${neuron}${voltages.time[i]},${voltages.value[i]}\n`);
      }
    },
    finish() {
      spikes.finish();
      membrane.finish();
    },
    discard() {
      spikes.discard();
      membrane.discard();
    },
  };
}

function openText(path: string, header: string) {
  const temporary = temporaryPath(path);
  const attempt = <T>(action: () => T): T => {
    try {
      return action();
    } catch (cause) {
      throw fileError(path, cause);
    }
  };
  const file = attempt(() => {
    removeAbandoned(path);
    return openSync(temporary, "w");
  });
  let open = true;
  const close = (): void => {
    if (open) closeSync(file);
    open = false;
  };
  let text = header;
  const flush = (): void => {
    attempt(() => writeFileSync(file, text));
    text = "";
  };
  return {
    write(line: string): void {
      text += line;
      if (text.length > PIECE) flush();
    },
    finish(): void {
      flush();
      attempt(() => {
        fsyncSync(file);
        close();
        renameSync(temporary, path);
        syncFolder(dirname(path));
      });
    },
    discard(): void {
      close();
      rmSync(temporary, { force: true });
    },
  };
}

function quoted(name: string): string {
  return /[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}
