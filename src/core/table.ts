/**
 * The one mechanism behind every table of exchangeable parts (losses, estimators, datasets, chips, …).
 *
 * A member is `{ kind, summary, options, create }`. A table gives the branches of the YAML
 * schema, the configuration type, the `eventprop list` command and the conformance suite; a new member is
 * one file and one line of a table.
 */

import { type Static, type TObject, type TProperties, type TUnsafe, Type } from "@sinclair/typebox";

export interface Member<Kind extends string, Options extends TProperties, Create> {
  readonly kind: Kind;
  /** One line for `eventprop list` and for editors. */
  readonly summary: string;
  /** Options of this member, without `kind`; every option has a default or is required. */
  readonly options: Options;
  readonly create: Create;
}

// biome-ignore lint/suspicious/noExplicitAny: a table holds members with different option types
export type AnyMember = Member<string, any, any>;

/** Options of a member as they arrive after validation, defaults filled in; a union for several members. */
export type OptionsOf<M extends AnyMember> = M extends AnyMember
  ? Static<TObject<M["options"]>> & { readonly kind: M["kind"] }
  : never;

/** Members that the compiler does not know, by the table that they are added to. */
export type AddedMembers = ReadonlyMap<readonly AnyMember[], readonly AnyMember[]>;

/** What the experiment that was read last adds, and all that this process has met, the latest first. */
let inUse: AddedMembers = new Map();
const known = new Map<readonly AnyMember[], readonly AnyMember[]>();

/** From now on schemas have these members beside those of the tables; those of before are still found by their kind. */
export function useMembers(added: AddedMembers): void {
  inUse = added;
  for (const [table, entries] of added) {
    const before = known.get(table) ?? [];
    known.set(table, [...entries, ...before.filter((entry) => !entries.includes(entry))]);
  }
}

/** Names a member with its exact type. */
export function member<const Kind extends string, Options extends TProperties, Create>(
  definition: Member<Kind, Options, Create>,
): Member<Kind, Options, Create> {
  return definition;
}

/**
 * The member of a table that `kind` names. Its `create` takes the configuration of that kind, which the schema has
 * checked but the compiler cannot follow through the table: pass it `as never`.
 */
export function memberOf<const Table extends readonly AnyMember[]>(
  table: Table,
  kind: Table[number]["kind"],
): Table[number] {
  const found = [...table, ...((known.get(table) ?? []) as Table[number][])].find(
    (entry) => entry.kind === kind,
  );
  if (found === undefined)
    throw new Error(`no ${kind} in the table of ${table.map((one) => one.kind).join(", ")}`);
  return found;
}

/** The JSON schema of one member: an object whose `kind` is fixed; unknown keys are errors. */
export function memberSchema(entry: AnyMember): TObject {
  return Type.Object(
    { kind: Type.Literal(entry.kind), ...(entry.options as TProperties) },
    { additionalProperties: false, description: entry.summary },
  );
}

/**
 * The JSON schema of a table: one branch per member, chosen by `kind`; `defaultValue` is what an absent key means.
 */
export function tableSchema<const Table extends readonly AnyMember[]>(
  table: Table,
  options: {
    readonly description: string;
    /** As written in a file. */
    readonly defaultValue?: { readonly kind: string; readonly [option: string]: unknown };
  },
): TUnsafe<OptionsOf<Table[number]>> {
  const { description, defaultValue } = options;
  return Type.Unsafe<OptionsOf<Table[number]>>({
    type: "object",
    required: ["kind"],
    discriminator: { propertyName: "kind" },
    oneOf: [...table, ...(inUse.get(table) ?? [])].map(memberSchema),
    description,
    ...(defaultValue === undefined ? {} : { default: defaultValue }),
  });
}
