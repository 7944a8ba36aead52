/**
 * A chip behind a network: the `Chip` seam over TCP. The host believes in a configuration and names it by its digest; a
 * server that lost it, or a new server at the same address, is given it again. A run that was asked for twice, because its
 * answer was lost, is run once.
 */

import { randomUUID } from "node:crypto";
import { Type } from "@sinclair/typebox";
import { UserError } from "../../core/errors.ts";
import { timeSchema } from "../../core/quantity.ts";
import { member } from "../../core/table.ts";
import { defaultConfig } from "../default-config.ts";
import type { Chip, Recording } from "../types.ts";
import { entriesOf, joined } from "./batches.ts";
import { type Configuration, changed, configurationOf, difference } from "./configuration.ts";
import { type Connection, connect, Lost } from "./connection.ts";
import { type Answer, DEFAULT_PORT, PROTOCOL } from "./protocol.ts";

export interface RemoteOptions {
  readonly address: string;
  /** µs */
  readonly deadline?: number;
  readonly attempts?: number;
  /** Seed of temporal noise, for a server with a simulated chip. */
  readonly noiseSeed?: number;
}

/** Longest pause between two attempts, ms. The first is a hundredth of it; each further one is twice as long. */
const LONGEST_PAUSE = 2000;

export const remote = member({
  kind: "remote",
  summary: "a chip that a server gives to its hosts over TCP (`eventprop serve`)",
  options: {
    address: Type.String({
      pattern: "^(\\[[0-9a-fA-F:]+\\]|[^\\s:\\[\\]]+)(:[0-9]{1,5})?$",
      examples: [`127.0.0.1:${DEFAULT_PORT}`],
      description: `Host name or address of the server, with :port when it is not ${DEFAULT_PORT}.`,
    }),
    deadline: timeSchema({
      above: 0,
      maximum: 3600e6,
      default: "60 s",
      description: "Longest time to wait for an answer; after it the connection counts as lost.",
    }),
    attempts: Type.Integer({
      default: 8,
      minimum: 1,
      maximum: 1000,
      description: "How often a request is made before the run fails; pauses grow from 20 ms to 2 s.",
    }),
  },
  create: openRemote,
});

/** @throws UserError("chip") when nothing answers, or something else than a server of this protocol */
async function openRemote({
  address,
  deadline = 60e6,
  attempts = 8,
  noiseSeed,
}: RemoteOptions): Promise<Chip> {
  const session = randomUUID();
  let connection: Connection | undefined;
  let believed = configurationOf(defaultConfig());
  let standard: Configuration | undefined;
  let opened: Extract<Answer, { type: "opened" }> | undefined;
  let batches = 0;

  const connected = async (): Promise<Connection> => {
    if (connection?.lost === false) return connection;
    connection = await connect(address, deadline / 1e3);
    const answer = await connection.ask({
      type: "open",
      protocol: PROTOCOL,
      ...(noiseSeed === undefined ? {} : { noiseSeed }),
    });
    if (answer.type !== "opened") throw unexpected(answer);
    if (opened !== undefined && opened.info.id !== answer.info.id)
      throw new UserError(
        "chip",
        `chip ${answer.info.id} answers at ${address} now; this run began on ${opened.info.id}`,
      );
    opened = answer;
    return connection;
  };

  /** Asks until there is an answer; what was lost or busy is asked again. */
  const insist = async (ask: (connection: Connection) => Promise<Answer>): Promise<Answer> => {
    let pause = LONGEST_PAUSE / 100;
    for (let attempt = 1; ; attempt++) {
      let reason: string;
      try {
        const answer = await ask(await connected());
        if (answer.type !== "failed") return answer;
        if (answer.kind !== "busy") throw failed(answer);
        reason = answer.message;
      } catch (error) {
        if (!(error instanceof Lost)) throw error;
        reason = error.message;
      }
      if (attempt >= attempts)
        throw new UserError("chip", `the chip at ${address} cannot be used: ${reason}`, {
          hint: `tried ${attempts} times; is the server running? eventprop serve starts one`,
        });
      await new Promise((resume) => setTimeout(resume, pause));
      pause = Math.min(2 * pause, LONGEST_PAUSE);
    }
  };

  /** What the server had before; then the words in which `believed` differs from a chip that was just opened. */
  const load = async (base: Configuration): Promise<void> => {
    const { digest } = believed;
    if ((await insist((server) => server.ask({ type: "load", digest }))).type === "loaded") return;
    standard ??= configurationOf(defaultConfig());
    for (const from of [base, standard]) {
      const sections = difference(from, believed);
      const answer = await insist((server) =>
        server.ask({ type: "load", digest, base: from.digest, sections }),
      );
      if (answer.type === "loaded") return;
    }
    throw new UserError("chip", `the server at ${address} does not take the configuration`);
  };

  const open = async (): Promise<void> => {
    try {
      await insist(async (server) => ({ ...opened!, id: server.requests }));
    } catch (error) {
      connection?.close();
      throw error;
    }
  };
  await open();
  const { info, capabilities } = opened!;
  return {
    info,
    async configure(change) {
      const before = believed;
      believed = changed(before, change);
      await load(before);
    },
    async run(spikes, options) {
      const parts: Recording[] = [];
      const sizes: number[] = [];
      const name = `${session}-${batches++}`;
      for (let from = 0; from < spikes.entries || parts.length === 0; ) {
        const to = Math.min(spikes.entries, from + capabilities.entries);
        const work = entriesOf({ spikes, options }, from, to);
        const request = {
          type: "observe",
          batch: `${name}-${from}`,
          digest: believed.digest,
          ...work,
        } as const;
        const answer = await insist((server) => server.ask(request));
        if (answer.type === "unknown") await load(believed);
        else if (answer.type === "observed" && (answer.done > 0 || to === from)) {
          parts.push(answer.recording);
          sizes.push(answer.done);
          from += answer.done;
        } else throw unexpected(answer);
      }
      return joined(parts, sizes);
    },
    async close() {
      connection?.close();
    },
  };
}

function failed({ message, hint, kind }: Extract<Answer, { type: "failed" }>): UserError {
  const text = kind === "fault" ? `the remote chip failed: ${message}` : message;
  return new UserError("chip", text, hint === undefined ? {} : { hint });
}

function unexpected({ type }: Answer): UserError {
  return new UserError("chip", `the server gave an answer that does not fit: ${JSON.stringify(type)}`);
}
