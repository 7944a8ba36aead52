/**
 * A chip behind a network: the `Chip` seam over TCP. The host believes in a configuration and names it by its digest; a
 * server that lost it, or a new server at the same address, is given it again. A run that was asked for twice, because its
 * answer was lost, is run once.
 */

import { randomUUID } from "node:crypto";
import { connect as connectSocket } from "node:net";
import { Type } from "@sinclair/typebox";
import { UserError } from "../../core/errors.ts";
import { timeSchema } from "../../core/option-schemas.ts";
import { member } from "../../core/table.ts";
import { defaultConfig } from "../default-config.ts";
import type { Chip, Recording } from "../types.ts";
import { entriesOf, joined } from "./batches.ts";
import { type Configuration, changed, configurationOf, difference } from "./configuration.ts";
import {
  type Answer,
  createMessageReader,
  DEFAULT_PORT,
  encodeMessage,
  PROTOCOL,
  type Request,
} from "./protocol.ts";

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

// One connection --------------------------------------------------------------------------------------------

// One TCP connection to a server: requests out, the answer of each back.

/** The connection broke, or an answer did not come in time: the request may be made again on a new connection. */
class Lost extends Error {}

type WithoutId<R> = R extends Request ? Omit<R, "id"> : never;

export interface Connection {
  readonly lost: boolean;
  /** Requests so far. */
  readonly requests: number;
  /** @throws Lost; UserError("chip") when what comes back is no message of this protocol */
  ask(request: WithoutId<Request>): Promise<Answer>;
  close(): void;
}

interface Waiting {
  readonly take: (answer: Answer) => void;
  readonly fail: (reason: Error) => void;
}

/** @param deadline of connecting and of each answer, ms; @throws Lost */
async function connect(address: string, deadline: number): Promise<Connection> {
  const { host, port } = hostAndPort(address);
  const socket = connectSocket({ host, port, noDelay: true });
  const waiting = new Map<number, Waiting>();
  let requests = 0;
  let lost = false;
  const end = (reason: Error): void => {
    lost = true;
    socket.destroy();
    for (const { fail } of waiting.values()) fail(reason);
    waiting.clear();
  };
  const inTime = <Result>(work: Promise<Result>, what: string): Promise<Result> => {
    const timer = setTimeout(() => end(new Lost(`${what} within ${deadline / 1e3} s`)), deadline);
    return work.finally(() => clearTimeout(timer));
  };
  const read = createMessageReader();
  socket.on("data", (bytes: Buffer) => {
    try {
      for (const answer of read(bytes) as unknown as Answer[]) {
        waiting.get(answer.id)?.take(answer);
        waiting.delete(answer.id);
      }
    } catch (error) {
      end(error as UserError);
    }
  });
  socket.on("error", (error) => end(new Lost(error.message)));
  socket.on("close", () => end(new Lost("the connection was closed")));
  await inTime(
    new Promise<void>((done, fail) => {
      waiting.set(0, { take: () => {}, fail });
      socket.once("connect", () => {
        waiting.delete(0);
        done();
      });
    }),
    "no connection",
  );
  // A connection without an open request does not keep the program alive.
  socket.unref();
  return {
    get lost() {
      return lost;
    },
    get requests() {
      return requests;
    },
    ask(request) {
      const id = ++requests;
      const answer = new Promise<Answer>((take, fail) => {
        if (lost) fail(new Lost("the connection was closed"));
        else waiting.set(id, { take, fail });
      });
      socket.ref();
      socket.cork();
      for (const part of encodeMessage({ ...request, id })) socket.write(part);
      socket.uncork();
      return inTime(answer, "no answer").finally(() => {
        if (waiting.size === 0) socket.unref();
      });
    },
    close: () => end(new Lost("the chip was closed")),
  };
}

/** `host`, `host:port` or `[v6]:port`. */
function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const found = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(address);
  const host = found?.[1] ?? found?.[2];
  const port = Number(found?.[3] ?? DEFAULT_PORT);
  if (host === undefined || port > 65535)
    throw new UserError("chip", `${JSON.stringify(address)} is no address of a server`, {
      hint: `write host or host:port, e.g. 127.0.0.1:${DEFAULT_PORT}`,
    });
  return { host, port };
}
