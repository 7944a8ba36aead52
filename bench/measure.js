/**
 * Timing in blocks. Processor time of the whole process (all threads) stands beside wall time: on a shared
 * machine only the first says what the program costs. Variants take turns block by block, so that what the
 * machine does meanwhile meets all of them alike.
 */

import { summary } from "./statistics.js";

/** Runs `work` once; milliseconds of processor and of wall time. */
export async function timed(work) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: (user + system) / 1000, wall };
}

/**
 * Times every variant in `blocks` blocks, after `warmUp` blocks that do not count.
 *
 * @param variants { name, units, run(block) }: `run` does `units` pieces of work
 * @returns per name, in µs per piece: { cpu, wall } as summaries and { cpus } block by block, for paired ratios
 */
export async function inTurns(variants, { blocks, warmUp }) {
  const times = new Map(variants.map(({ name }) => [name, { cpu: [], wall: [] }]));
  for (let block = -warmUp; block < blocks; block++) {
    // Back and forth, so that no variant always follows the same one.
    const order = block % 2 === 0 ? variants : [...variants].reverse();
    for (const { name, units, run } of order) {
      const { cpu, wall } = await timed(() => run(block));
      if (block < 0) continue;
      times.get(name).cpu.push((1000 * cpu) / units);
      times.get(name).wall.push((1000 * wall) / units);
    }
  }
  return new Map(
    [...times].map(([name, { cpu, wall }]) => [name, { cpu: summary(cpu), wall: summary(wall), cpus: cpu }]),
  );
}
