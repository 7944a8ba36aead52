/**
 * What the machine can do, so that figures from different ones can be compared: integer additions that do not wait
 * for each other, by one thread and by two at once. Where two do no more than one, the "cores" are two threads of
 * one core, and two workers cannot be twice as fast as one.
 */

import { Worker } from "node:worker_threads";
import { summary } from "../statistics.js";

const ROUNDS = 40;
const ADDITIONS = 4e7;

const SOURCE = `
const { parentPort, workerData: { rounds, additions, gate, threads } } = require("node:worker_threads");
const flags = new Int32Array(gate);
function add(count) {
  let a = 0, b = 1, c = 2, d = 3, e = 4;
  for (let i = 0; i < count; i += 10) {
    a = (a + i) | 0; b = (b + i) | 0; c = (c + i) | 0; d = (d + i) | 0; e = (e + i) | 0;
    a = (a + 3) | 0; b = (b + 5) | 0; c = (c + 7) | 0; d = (d + 9) | 0; e = (e + 11) | 0;
  }
  return a ^ b ^ c ^ d ^ e;
}
let sink = add(additions);
Atomics.add(flags, 0, 1);
while (Atomics.load(flags, 0) < threads);
const rates = [];
for (let round = 0; round < rounds; round++) {
  const start = performance.now();
  sink ^= add(additions);
  rates.push(additions / (performance.now() - start) / 1e6);
}
parentPort.postMessage({ rates, sink });
`;

/** Additions per ns of each of `threads` threads that run at the same time, round by round. */
async function rates(threads, rounds) {
  const gate = new SharedArrayBuffer(4);
  const workerData = { rounds, additions: ADDITIONS, gate, threads };
  const each = await Promise.all(
    Array.from(
      { length: threads },
      () =>
        new Promise((resolve, reject) => {
          const worker = new Worker(SOURCE, { eval: true, workerData });
          worker.once("message", (message) => resolve(message.rates));
          worker.once("error", reject);
        }),
    ),
  );
  return each.flat();
}

export async function run({ quick }) {
  const rounds = quick ? 10 : ROUNDS;
  const one = summary(await rates(1, rounds));
  const two = summary(await rates(2, rounds));
  const row = (what, value, note) => ({ what, unit: "additions/ns", value, note });
  const range = ({ lower, upper }) => `quartiles ${lower.toFixed(1)} and ${upper.toFixed(1)}`;
  return [
    row("one thread", one.median, range(one)),
    row("two threads at once, each", two.median, range(two)),
    row("two threads together, as a multiple of one", (2 * two.median) / one.median, "2 on two whole cores"),
  ];
}
