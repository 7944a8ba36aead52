/**
 * More of tests/chip/kernel/exact-solution.test.ts. EVENTPROP_NETWORKS=10000 is the long run (docs/kernel.md).
 */

import fc from "fast-check";
import { expect, it } from "vitest";
import { compareWithExact, hardNetwork } from "../chip/kernel/exact-solution.ts";

const NETWORKS = Number(process.env["EVENTPROP_NETWORKS"] ?? 4000);

it(`spikes of ${NETWORKS} hard networks are those of the exact solution, within half a stamp of the chip`, () => {
  const faulty: string[] = [];
  let spikes = 0;
  let undecided = 0;
  for (const drawn of fc.sample(hardNetwork, { numRuns: NETWORKS, seed: 2 })) {
    const result = compareWithExact(drawn);
    spikes += result.spikes;
    if (result.undecided) undecided++;
    if (result.faults.length > 0) faulty.push(`${JSON.stringify(drawn)}: ${result.faults[0]}`);
  }
  process.stderr.write(`${spikes} spikes, ${undecided} undecided, ${faulty.length} faulty\n`);
  expect(faulty).toEqual([]);
  expect(spikes).toBeGreaterThan(25 * NETWORKS);
  expect(undecided).toBeLessThan(NETWORKS / 40);
});
