/**
 * Serves one chip to many hosts over TCP. All work on the chip stands in one line; each piece names the configuration that
 * it needs, so that hosts may take turns.
 *
 * There is no password: whoever reaches the port can use the chip. It listens on this machine only unless told otherwise.
 */

import { createServer, type Socket } from "node:net";
import { UserError } from "../../core/errors.ts";
import { defaultConfig } from "../default-config.ts";
import type { Chip, ChipInfo, Recording } from "../types.ts";
import { entriesOf } from "./batches.ts";
import { type Configuration, changed, configurationOf, difference } from "./configuration.ts";
import {
  type Answer,
  createMessageReader,
  encodeMessage,
  type FailureKind,
  type Message,
  PROTOCOL,
  type Request,
} from "./protocol.ts";

export interface ServerOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Entries that one run may have. */
  readonly entries: number;
  /** Called with one line for people when a host comes, goes or is refused. */
  readonly say: (line: string) => void;
}

export interface ChipServer {
  readonly info: ChipInfo;
  readonly port: number;
  /** Ends the run that goes on, then closes all connections and the chip. */
  close(): Promise<void>;
}

/** Configurations, answers and chips that are kept: more than the hosts of one training use at a time. */
const KEPT_CONFIGURATIONS = 32;
const KEPT_ANSWERS = 32;
const KEPT_CHIPS = 4;
/** Runs that may wait. */
const LINE = 256;

/**
 * @param open opens the chip; a simulated one takes the seed of the host's experiment for its noise
 * @throws UserError("chip") when the port cannot be had
 */
export async function serveChip(
  open: (noiseSeed: number | undefined) => Promise<Chip>,
  { host, port, entries, say }: ServerOptions,
): Promise<ChipServer> {
  const chips = createChips(open);
  const { info } = (await chips.of(undefined)).chip;
  const configurations = kept<Configuration>(KEPT_CONFIGURATIONS);
  const standard = configurationOf(defaultConfig());
  configurations.set(standard.digest, standard);
  const answers = kept<Promise<Observed>>(KEPT_ANSWERS);
  const line = createLine(LINE);

  const answer = async (request: Request, noiseSeed: number | undefined): Promise<Answer> => {
    const { id } = request;
    switch (request.type) {
      case "open":
        if (request.protocol !== PROTOCOL)
          return failure(id, "refused", `this server speaks protocol ${PROTOCOL}, not ${request.protocol}`);
        return { type: "opened", id, info, capabilities: { entries } };
      case "load":
        return { type: loadInto(configurations, request) ? "loaded" : "unknown", id };
      case "observe": {
        const wanted = configurations.get(request.digest);
        if (wanted === undefined) return { type: "unknown", id };
        let observed = answers.get(request.batch);
        if (observed === undefined) {
          observed = line(() => observe(chips, noiseSeed, wanted, request, entries));
          answers.set(request.batch, observed);
          // A failure is not kept: the host may ask again.
          observed.catch(() => answers.delete(request.batch));
        }
        return { type: "observed", id, ...(await observed) };
      }
      default:
        return failure(id, "refused", `no request of type ${JSON.stringify((request as Message).type)}`);
    }
  };

  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const from = `${socket.remoteAddress}:${socket.remotePort}`;
    sockets.add(socket.setNoDelay());
    say(`${from} connected`);
    const read = createMessageReader();
    let noiseSeed: number | undefined;
    socket.on("data", (bytes) => {
      let requests: Request[];
      try {
        requests = read(bytes as Buffer) as unknown as Request[];
      } catch (error) {
        say(`${from}: ${(error as Error).message}`);
        socket.destroy();
        return;
      }
      for (const request of requests) {
        if (request.type === "open") noiseSeed = request.noiseSeed;
        answer(request, noiseSeed)
          .catch((error: unknown) => failureOf(request.id, error))
          .then((message) => {
            if (socket.destroyed) return;
            socket.cork();
            for (const part of encodeMessage(message)) socket.write(part);
            socket.uncork();
          });
      }
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      sockets.delete(socket);
      say(`${from} left`);
    });
  });
  const bound = await listen(server, host, port);
  return {
    info,
    port: bound,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
      await line(async () => {});
      await chips.close();
    },
  };
}

interface Observed {
  readonly done: number;
  readonly recording: Recording;
}

type ObserveRequest = Extract<Request, { type: "observe" }>;
type LoadRequest = Extract<Request, { type: "load" }>;

async function observe(
  chips: Chips,
  noiseSeed: number | undefined,
  configuration: Configuration,
  request: ObserveRequest,
  entries: number,
): Promise<Observed> {
  const { chip, load } = await chips.of(noiseSeed);
  await load(configuration);
  const done = Math.min(request.spikes.entries, entries);
  const work = done === request.spikes.entries ? request : entriesOf(request, 0, done);
  return { done, recording: ownRecording(await chip.run(work.spikes, work.options)) };
}

/** A copy without the buffers that the next run of the chip writes. */
function ownRecording({ spikes, cadc, madc, health }: Recording): Recording {
  const { count } = spikes;
  return {
    spikes: {
      count,
      entry: spikes.entry.slice(0, count),
      tick: spikes.tick.slice(0, count),
      label: spikes.label.slice(0, count),
    },
    ...(cadc === undefined ? {} : { cadc: { ...cadc, code: cadc.code.slice(), time: cadc.time.slice() } }),
    ...(madc === undefined ? {} : { madc: { ...madc, code: madc.code.slice() } }),
    health: { ...health },
  };
}

/** @returns whether the server has the configuration now; @throws UserError("chip") on words out of range */
function loadInto(configurations: Kept<Configuration>, { digest, base, sections }: LoadRequest): boolean {
  if (configurations.get(digest) !== undefined) return true;
  const before = base === undefined ? undefined : configurations.get(base);
  if (before === undefined || sections === undefined) return false;
  const after = changed(before, sections);
  if (after.digest !== digest)
    throw new UserError("chip", "the words that arrived do not have the digest that the host named");
  configurations.set(digest, after);
  return true;
}

type Chips = ReturnType<typeof createChips>;

/** One simulated instance draws the noise of one seed; hosts with several seeds get one chip each. */
function createChips(open: (noiseSeed: number | undefined) => Promise<Chip>) {
  interface Opened {
    readonly chip: Chip;
    readonly load: (configuration: Configuration) => Promise<void>;
  }
  const opened = new Map<number | undefined, Opened>();
  return {
    async of(noiseSeed: number | undefined): Promise<Opened> {
      const present = opened.get(noiseSeed);
      if (present !== undefined) return present;
      const [oldest] = opened.keys();
      if (opened.size >= KEPT_CHIPS) {
        await opened.get(oldest)?.chip.close();
        opened.delete(oldest);
      }
      const chip = await open(noiseSeed);
      let loaded = configurationOf(defaultConfig());
      const fresh: Opened = {
        chip,
        async load(configuration) {
          if (configuration.digest === loaded.digest) return;
          await chip.configure(difference(loaded, configuration));
          loaded = configuration;
        },
      };
      opened.set(noiseSeed, fresh);
      return fresh;
    },
    async close() {
      for (const { chip } of opened.values()) await chip.close();
    },
  };
}

class Busy extends Error {}

/** Runs pieces of work one after the other. */
function createLine(longest: number) {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (waiting >= longest) return Promise.reject(new Busy(`${waiting} runs wait for the chip`));
    waiting++;
    const result = last.then(work).finally(() => waiting--);
    last = result.catch(() => {});
    return result;
  };
}

interface Kept<Value> {
  get(name: string): Value | undefined;
  set(name: string, value: Value): void;
  delete(name: string): void;
}

/** The values that were used last. */
function kept<Value>(most: number): Kept<Value> {
  const values = new Map<string, Value>();
  return {
    get(name) {
      const value = values.get(name);
      if (value === undefined) return undefined;
      values.delete(name);
      values.set(name, value);
      return value;
    },
    set(name, value) {
      values.set(name, value);
      const [oldest] = values.keys();
      if (values.size > most && oldest !== undefined) values.delete(oldest);
    },
    delete: (name) => void values.delete(name),
  };
}

function failureOf(id: number, error: unknown): Answer {
  if (error instanceof Busy) return failure(id, "busy", error.message);
  if (error instanceof UserError) return { ...failure(id, "refused", error.message), ...hintOf(error) };
  return failure(id, "fault", error instanceof Error ? error.message : String(error));
}

function hintOf({ hint }: UserError): { readonly hint?: string } {
  return hint === undefined ? {} : { hint };
}

function failure(id: number, kind: FailureKind, message: string): Answer {
  return { type: "failed", id, kind, message };
}

function listen(server: ReturnType<typeof createServer>, host: string, port: number): Promise<number> {
  return new Promise((done, fail) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const hint = cause.code === "EADDRINUSE" ? "choose another port, or 0 for any that is free" : undefined;
      const message = `cannot listen on ${host}:${port}: ${cause.message}`;
      fail(new UserError("chip", message, { cause, ...(hint === undefined ? {} : { hint }) }));
    });
    server.listen(port, host, () => {
      const address = server.address();
      done(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
