/** One TCP connection to a server: requests out, the answer of each back. */

import { connect as connectSocket } from "node:net";
import { UserError } from "../../core/errors.ts";
import { createMessageReader, encodeMessage } from "./message.ts";
import { type Answer, DEFAULT_PORT, type Request } from "./protocol.ts";

/** The connection broke, or an answer did not come in time: the request may be made again on a new connection. */
export class Lost extends Error {}

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
export async function connect(address: string, deadline: number): Promise<Connection> {
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
  // A connection that nobody waits for does not keep the program alive.
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
export function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const found = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(address);
  const host = found?.[1] ?? found?.[2];
  const port = Number(found?.[3] ?? DEFAULT_PORT);
  if (host === undefined || port > 65535)
    throw new UserError("chip", `${JSON.stringify(address)} is no address of a server`, {
      hint: `write host or host:port, e.g. 127.0.0.1:${DEFAULT_PORT}`,
    });
  return { host, port };
}
