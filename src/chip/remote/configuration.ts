/**
 * A configuration of a chip under its digest. Host and server compute the digest of the same words, so that a host that
 * connects again learns whether the chip still holds what the host believes, and sends only what the chip does not have.
 */

import { sha256 } from "../../core/sealed-json.ts";
import { checkConfig, copyConfig } from "../config.ts";
import type { ChipConfig, ConfigChange } from "../types.ts";

type Section = keyof ChipConfig;

export interface Configuration {
  /** Sections are never written again: configurations share those that are equal. */
  readonly config: ChipConfig;
  readonly sections: Readonly<Record<Section, string>>;
  /** SHA-256 over the words of all sections. */
  readonly digest: string;
}

export function configurationOf(config: ChipConfig): Configuration {
  return withDigests(copyConfig(config), {});
}

/** @throws UserError("chip") on words out of range */
export function changed(before: Configuration, change: ConfigChange): Configuration {
  checkConfig(change);
  const { synapses, ...rest } = change;
  const sections: Partial<ChipConfig> = copyConfig({
    ...rest,
    ...(synapses === undefined
      ? {}
      : { synapses: { weight: synapses.weight, label: synapses.label ?? before.config.synapses.label } }),
  });
  const kept = Object.fromEntries(
    Object.entries(before.sections).filter(([name]) => sections[name as Section] === undefined),
  );
  return withDigests({ ...before.config, ...sections }, kept);
}

/** The sections in which two configurations differ, as `after` has them. */
export function difference(before: Configuration, after: Configuration): ConfigChange {
  const names = Object.keys(after.sections) as Section[];
  return Object.fromEntries(
    names
      .filter((name) => before.sections[name] !== after.sections[name])
      .map((name) => [name, after.config[name]]),
  );
}

function withDigests(config: ChipConfig, known: Partial<Record<Section, string>>): Configuration {
  const names = (Object.keys(config) as Section[]).sort();
  const sections = Object.fromEntries(
    names.map((name) => [name, known[name] ?? digestOf(config[name])]),
  ) as Record<Section, string>;
  const digest = sha256(names.map((name) => `${name} ${sections[name]}\n`).join(""));
  return { config, sections, digest };
}

/** Of one word array, or of a record of them in the order of their names. */
function digestOf(section: ChipConfig[Section]): string {
  if (ArrayBuffer.isView(section)) return sha256(bytesOf(section));
  const words = Object.entries(section as object).sort(([a], [b]) => (a < b ? -1 : 1));
  return sha256(words.map(([name, array]) => `${name} ${sha256(bytesOf(array as Uint8Array))}\n`).join(""));
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
