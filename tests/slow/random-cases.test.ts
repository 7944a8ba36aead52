/**
 * More of tests/conformance/random-cases.test.ts: 1 000 networks, or as many as EVENTPROP_NETWORKS says, from the seed
 * EVENTPROP_FIRST on. 10 000 were run once, in pieces (docs/references.md).
 */

import { expect, test } from "vitest";
import { randomCase } from "../conformance/random-cases.ts";
import { differenceCounts, layoutComplaints } from "../conformance/random-cases-checks.ts";

const NETWORKS = Number(process.env["EVENTPROP_NETWORKS"] ?? 1000);
const FIRST = Number(process.env["EVENTPROP_FIRST"] ?? 0);

test("a network of 35 000 spikes is equal in all layouts, to the rounding of so many steps", () => {
  expect(layoutComplaints(randomCase(1985))).toEqual([]);
});

test(`${NETWORKS} random networks: equal in all layouts, and the gradient of central differences`, async () => {
  const complaints: string[] = [];
  const total = { networks: 0, judged: 0, wrong: 0, skipped: 0 };
  for (let seed = FIRST; seed < FIRST + NETWORKS; seed++) {
    const one = randomCase(seed);
    complaints.push(...layoutComplaints(one));
    const { judged, wrong, skipped } = await differenceCounts(one, 3);
    if (wrong > 0) complaints.push(`${one.name}: ${wrong} of ${judged} differences are not met`);
    total.networks++;
    total.judged += judged;
    total.wrong += wrong;
    total.skipped += skipped;
  }
  process.stderr.write(`${JSON.stringify(total)}\n`);
  expect(complaints, JSON.stringify(total)).toEqual([]);
  expect(total.judged, JSON.stringify(total)).toBeGreaterThan(5 * NETWORKS);
});
