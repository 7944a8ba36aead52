/**
 * Losses, data sets and encoders from programs that an experiment names: `plugins: [./mine.js]`. A plugin is an ES module
 * whose default export is given the tools below and returns members of tables (docs/plugins.md). It runs with all rights
 * of the user, so it is loaded only where the user allowed it. Its file is one that the experiment names, so its SHA-256
 * stands in the provenance of a run and is compared when the run goes on.
 */

import { createRequire } from "node:module";
import { Type } from "@sinclair/typebox";
import { UserError } from "../core/errors.ts";
import { choiceSchema, fileSchema, timeSchema } from "../core/option-schemas.ts";
import { pluginsAllowed } from "../core/plugin-permission.ts";
import { stream } from "../core/random.ts";
import { type AnyMember, useMembers } from "../core/table.ts";
import { DATASETS, ENCODERS } from "../data/index.ts";
import { spikeBatch } from "../data/spike-batch.ts";
import { readBytes } from "../data/text-file.ts";
import { LOSSES } from "../loss/index.ts";
import { outputOption, outputPopulation, sampledLoss, spikeLoss } from "../loss/output.ts";
import { SINGLE_LOSSES } from "../loss/single.ts";

/** What a plugin is given: schemas of options, and the helpers that the members of this program are made with. */
export const PLUGIN_TOOLS = {
  Type,
  timeSchema,
  choiceSchema,
  fileSchema,
  stream,
  outputOption,
  outputPopulation,
  sampledLoss,
  spikeLoss,
  spikeBatch,
  readBytes,
  UserError,
} as const;

/** The tables that a plugin may add to; a loss is found by what makes losses, too. */
const TABLES: Readonly<Record<string, readonly (readonly AnyMember[])[]>> = {
  losses: [LOSSES, SINGLE_LOSSES],
  datasets: [DATASETS],
  encoders: [ENCODERS],
};

const KIND = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const load = createRequire(import.meta.url);
type Found = readonly (readonly [table: string, member: AnyMember])[];
const loaded = new Map<string, Found>();

/**
 * Loads plugins, each once per process, and takes what they bring into the tables in the place of what an earlier
 * experiment brought.
 * @param paths absolute
 * @throws UserError("compatibility") when they are not allowed; ("input-file") when one cannot be loaded or is no plugin
 */
export function usePlugins(paths: readonly string[]): void {
  const added = new Map<readonly AnyMember[], AnyMember[]>();
  for (const path of paths)
    for (const [table, member] of membersOf(path))
      for (const target of TABLES[table]!) {
        const own = added.get(target) ?? [];
        if ([...target, ...own].some(({ kind }) => kind === member.kind))
          throw invalid(path, `there is a kind \`${member.kind}\` in ${table} already`);
        added.set(target, [...own, member]);
      }
  useMembers(added);
}

function membersOf(path: string): Found {
  const known = loaded.get(path);
  if (known !== undefined) return known;
  if (!pluginsAllowed())
    throw new UserError("compatibility", `the experiment names a plugin, ${path}, which is a program`, {
      hint: "it would run with all your rights; if you trust it, add --allow-plugins",
    });
  readBytes(path);
  const found = membersIn(path);
  loaded.set(path, found);
  return found;
}

function membersIn(path: string): Found {
  const make = attempt(path, () => (load(path) as { readonly default?: unknown }).default);
  if (typeof make !== "function") throw invalid(path, "its default export is not a function");
  const made = attempt(path, () => make(PLUGIN_TOOLS) as unknown);
  if (typeof made !== "object" || made === null) throw invalid(path, "its function returns no tables");
  return Object.entries(made).flatMap(([table, members]) => {
    if (!Object.hasOwn(TABLES, table))
      throw invalid(path, `it adds to \`${table}\`; there are: ${Object.keys(TABLES).join(", ")}`);
    if (!Array.isArray(members)) throw invalid(path, `${table} is not a list`);
    return members.map((member: unknown) => [table, checked(path, table, member)] as const);
  });
}

function checked(path: string, table: string, member: unknown): AnyMember {
  const found = (typeof member === "object" && member !== null ? member : {}) as Record<string, unknown>;
  const needs = (good: boolean, what: string): void => {
    if (!good) throw invalid(path, `a member of ${table} (${String(found["kind"])}) has no ${what}`);
  };
  needs(typeof found["kind"] === "string" && KIND.test(found["kind"]), "kind of small letters and hyphens");
  needs(typeof found["summary"] === "string", "summary");
  needs(typeof found["options"] === "object" && found["options"] !== null, "options");
  needs(typeof found["create"] === "function", "function create");
  if (table === "losses") {
    needs(typeof found["needsLabels"] === "boolean", "needsLabels (true or false)");
    needs(found["missingSpike"] !== undefined, "missingSpike (null for a loss that reads no spikes)");
  }
  return found as unknown as AnyMember;
}

/** Whatever a plugin throws while it is loaded is said as a fault of the plugin. */
function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw new UserError("input-file", `the plugin ${path} cannot be loaded: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function invalid(path: string, problem: string): UserError {
  return new UserError("input-file", `${path} is not a plugin: ${problem}`, { hint: "see docs/plugins.md" });
}
