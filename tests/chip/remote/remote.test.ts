/** A chip behind a bad network gives what it gives on the desk, or an error that says what happened. */

import { connect as connectSocket, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { openChip } from "../../../src/chip/index.ts";
import { createMessageReader, encodeMessage } from "../../../src/chip/remote/protocol.ts";
import { type ChipServer, serveChip } from "../../../src/chip/remote/server.ts";
import type { Chip, ChipConfig, Recording, RunOptions } from "../../../src/chip/types.ts";
import { HIDDEN, READOUT, smallBatch, smallNetwork } from "../small-network.ts";

const ENTRIES = 6;
const BATCH = smallBatch(ENTRIES);
const HOST = "127.0.0.1";

const options = (run: number): RunOptions => ({
  spikes: true,
  cadc: { memory: "sram", recordedNeurons: Int32Array.from(READOUT) },
  noiseKey: { run, sample: Int32Array.from({ length: ENTRIES }, (_, entry) => entry) },
});

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A simulated chip that counts its runs. */
function countingChip(seed = 1) {
  const counts = { runs: 0, configured: 0 };
  const open = async (noiseSeed = 7): Promise<Chip> => {
    const chip = await openChip({ kind: "simulated", seed, noiseSeed });
    return {
      info: chip.info,
      configure: (change) => {
        counts.configured++;
        return chip.configure(change);
      },
      run: (batch, how) => {
        counts.runs++;
        return chip.run(batch, how);
      },
      close: () => chip.close(),
    };
  };
  return { counts, open };
}

async function serve(open: (noiseSeed?: number) => Promise<Chip>, port = 0): Promise<ChipServer> {
  const server = await serveChip(open, { host: HOST, port, entries: 1000, say: () => {} });
  closing.push(() => server.close());
  return server;
}

async function host(port: number, more: { deadline?: number; attempts?: number } = {}): Promise<Chip> {
  const chip = await openChip({ kind: "remote", address: `${HOST}:${port}`, noiseSeed: 7, ...more });
  closing.push(() => chip.close());
  return chip;
}

/** Something between host and server that may cut, delay or swallow. */
async function between(
  port: number,
  meddle: (near: Socket, far: Socket, connection: number) => void,
): Promise<number> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const proxy: Server = createServer((near) => {
    const far = connectSocket({ host: HOST, port });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
    meddle(near, far, connections++);
  });
  await new Promise<void>((done) => proxy.listen(0, HOST, done));
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => proxy.close(done));
  });
  return (proxy.address() as { port: number }).port;
}

/** A server of something else. */
async function listening(greet: (socket: Socket) => void): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on("error", () => {}));
    greet(socket);
  });
  await new Promise<void>((done) => server.listen(0, HOST, done));
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => server.close(done));
  });
  return (server.address() as { port: number }).port;
}

async function experiment(chip: Chip, network = smallNetwork()): Promise<unknown[]> {
  await chip.configure(network);
  const first = plain(await chip.run(BATCH, options(1)));
  const weight = network.synapses!.weight.map((word) => Math.min(63, 2 * word));
  await chip.configure({ synapses: { weight } });
  return [first, plain(await chip.run(BATCH, options(2)))];
}

function plain({ spikes, cadc, health }: Recording) {
  const { count } = spikes;
  return {
    entry: spikes.entry.slice(0, count),
    tick: spikes.tick.slice(0, count),
    label: spikes.label.slice(0, count),
    code: cadc?.code.slice(),
    time: cadc?.time.slice(),
    health,
  };
}

async function local(network?: ChipConfig): Promise<unknown[]> {
  const chip = await openChip({ kind: "simulated", seed: 1, noiseSeed: 7 });
  const result = await experiment(chip, network);
  await chip.close();
  return result;
}

/** The small network with two of its readouts, and three circuits beside a hidden neuron, on one membrane each. */
function coupledNetwork(): ChipConfig {
  const network = smallNetwork();
  network.couplings[READOUT[0]!] = 1;
  network.couplings.fill(1, HIDDEN[0]!, HIDDEN[0]! + 3);
  return network;
}

describe("the recordings are those of the chip on the desk", () => {
  test("also where circuits share a membrane, which they do in the recordings", async () => {
    const server = await serve(countingChip().open);
    const coupled = await local(coupledNetwork());
    expect(await experiment(await host(server.port), coupledNetwork())).toEqual(coupled);
    expect(coupled).not.toEqual(await local());
  });

  test.each([1, 4])("when every connection is cut after a while (%i)", async (seed) => {
    const { open } = countingChip();
    const server = await serve(open);
    // The whole exchange has 0.7 MB; each connection lasts for less and less of what remains.
    const port = await between(server.port, (near, far, connection) => {
      let left = connection < 6 ? 60_000 * seed + 90_000 * connection : Number.POSITIVE_INFINITY;
      near.pipe(far);
      far.pipe(near);
      for (const socket of [near, far])
        socket.on("data", (bytes: Buffer) => {
          left -= bytes.length;
          if (left < 0) near.destroy();
        });
    });
    expect(await experiment(await host(port, { attempts: 20 }))).toEqual(await local());
  });

  test("when an answer is lost, and then the run is not run twice", async () => {
    const { open, counts } = countingChip();
    const server = await serve(open);
    let lost = 0;
    const port = await between(server.port, (near, far) => {
      near.pipe(far);
      const read = createMessageReader();
      far.on("data", (bytes: Buffer) => {
        for (const message of read(bytes)) {
          if (message.type === "observed" && lost++ % 2 === 0) return void near.destroy();
          for (const part of encodeMessage(message)) near.write(part);
        }
      });
    });
    expect(await experiment(await host(port))).toEqual(await local());
    expect(lost).toBe(4);
    expect(counts.runs).toBe(2);
  });

  test("when an answer comes too late", async () => {
    const { open } = countingChip();
    const server = await serve(open);
    const port = await between(server.port, (near, far, connection) => {
      near.pipe(far);
      if (connection > 0) far.pipe(near);
      else {
        let answers = 0;
        far.on("data", (bytes) => {
          if (answers++ < 2) near.write(bytes);
        });
      }
    });
    expect(await experiment(await host(port, { deadline: 2e6 }))).toEqual(await local());
  });

  test("when the server is another one half-way, which has to be told everything", async () => {
    const first = await serve(countingChip().open);
    const { port } = first;
    const chip = await host(port, { attempts: 20 });
    const network = smallNetwork();
    await chip.configure(network);
    const before = plain(await chip.run(BATCH, options(1)));
    await first.close();
    const { open, counts } = countingChip();
    await serve(open, port);
    expect(plain(await chip.run(BATCH, options(1)))).toEqual(before);
    expect(counts.configured).toBe(1);
  });

  test("when the server answers for a part of the entries", async () => {
    const { open } = countingChip();
    const server = await serveChip(open, { host: HOST, port: 0, entries: 2, say: () => {} });
    closing.push(() => server.close());
    const port = await between(server.port, (near, far) => {
      near.pipe(far);
      const read = createMessageReader();
      // The host believes that one run holds a thousand entries.
      far.on("data", (bytes: Buffer) => {
        for (const message of read(bytes))
          for (const part of encodeMessage(
            message.type === "opened" ? { ...message, capabilities: { entries: 1000 } } : message,
          ))
            near.write(part);
      });
    });
    expect(await experiment(await host(port))).toEqual(await local());
  });

  test("for several hosts at once, each with its own words", async () => {
    const { open } = countingChip();
    const server = await serve(open);
    const hosts = await Promise.all([host(server.port), host(server.port), host(server.port)]);
    const expected = await local();
    for (const result of await Promise.all(hosts.map((chip) => experiment(chip))))
      expect(result).toEqual(expected);
  });
});

describe("an error says what happened", () => {
  test("when nothing listens", async () => {
    const server = await serve(countingChip().open);
    await server.close();
    closing.pop();
    await expect(host(server.port, { attempts: 2 })).rejects.toThrow(/cannot be used: connect ECONNREFUSED/);
  });

  test("when something else listens", async () => {
    const port = await listening((socket) =>
      socket.end("220 mail.example.org ready, how may I help you\r\n"),
    );
    await expect(host(port)).rejects.toThrow(/not a message of a remote chip/);
  });

  test("when nothing is answered", async () => {
    const port = await listening(() => {});
    await expect(host(port, { deadline: 50e3, attempts: 2 })).rejects.toThrow(/no answer within 0.05 s/);
  });

  test("when a word is out of range: before anything is sent", async () => {
    const { open, counts } = countingChip();
    const chip = await host((await serve(open)).port);
    const { synapses } = smallNetwork();
    await expect(chip.configure({ synapses: { weight: synapses!.weight.map(() => 64) } })).rejects.toThrow(
      /must be 0 … 63/,
    );
    expect(counts.configured).toBe(0);
  });

  test("when another chip answers after a reconnection", async () => {
    const first = await serve(countingChip(1).open);
    const chip = await host(first.port, { attempts: 20 });
    await first.close();
    await serve(countingChip(2).open, first.port);
    await expect(chip.run(BATCH, options(1))).rejects.toThrow(/chip simulated-2 answers/);
  });

  test("when the chip itself fails", async () => {
    const { open } = countingChip();
    const server = await serve(async (seed) => ({
      ...(await open(seed)),
      run: () => Promise.reject(new Error("no clock")),
    }));
    const chip = await host(server.port);
    await expect(chip.run(BATCH, options(1))).rejects.toThrow("the remote chip failed: no clock");
  });
});
