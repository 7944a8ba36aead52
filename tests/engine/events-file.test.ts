import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventsText, parseEvents } from "../../src/engine/events-file.ts";
import { userErrorOf } from "./temporary-folder.ts";

const network = { inputs: 5, duration: 38 };
const parse = (text: string) => parseEvents(text, "events.csv", network);

describe("events.csv", () => {
  it("is sorted by sample, time and source, whatever the order of rows and columns", () => {
    const batch = parse("time_us,sample,source\n7.25,1,0\n3,0,4\n1e0,1,2\n3,0,1\n0,1,3\n");
    expect(batch.samples).toBe(2);
    expect([...batch.offset]).toEqual([0, 2, 5]);
    expect([...batch.source]).toEqual([1, 4, 3, 2, 0]);
    expect([...batch.time]).toEqual([3, 3, 0, 1, 7.25]);
    expect([...batch.id]).toEqual([0, 1]);
  });

  it("may leave samples out: they are silent", () => {
    const batch = parse("sample,source,time_us\n3,0,1\n1,0,2\n");
    expect([...batch.offset]).toEqual([0, 0, 1, 1, 2]);
    expect([...batch.id]).toEqual([0, 1, 2, 3]);
  });

  it("is written as it is read", () => {
    const batch = parse("sample,source,time_us\n0,4,0.1\n2,1,3\n2,0,7.25\n");
    expect(parse(eventsText(batch, [0, 1, 2]))).toEqual(batch);
    expect(eventsText(batch, [2])).toBe("sample,source,time_us\n2,1,3\n2,0,7.25\n");
  });

  it("keeps every event and every bit of its time", () => {
    const event = fc.record({
      sample: fc.nat(6),
      source: fc.nat(4),
      time: fc.double({ min: 0, max: 38, noNaN: true }).map((time) => time + 0),
    });
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 30 }), (events) => {
        const text = events.map(({ sample, source, time }) => `${sample},${source},${time}`).join("\n");
        const batch = parse(`sample,source,time_us\n${text}\n`);
        const found: typeof events = [];
        for (let sample = 0; sample < batch.samples; sample++) {
          for (let i = batch.offset[sample]!; i < batch.offset[sample + 1]!; i++) {
            found.push({ sample, source: batch.source[i]!, time: batch.time[i]! });
          }
        }
        const sorted = [...events].sort(
          (a, b) => a.sample - b.sample || a.time - b.time || a.source - b.source,
        );
        expect(found).toEqual(sorted);
      }),
    );
  });

  const H = "sample,source,time_us\n0,0,1\n";
  it.each([
    ["sample,source\n0,1\n", 1, 'column "time_us" is missing'],
    ["sample,source,time_ms\n0,1,2\n", 1, 'column "time_us" is missing'],
    ["sample,source,time_us,weight\n0,1,2,3\n", 1, 'unknown column "weight"'],
    [`${H}0,0,abc\n`, 3, 'row 3, column time_us: "abc" is not a finite number'],
    [`${H}0,0,nan\n`, 3, 'row 3, column time_us: "nan" is not a finite number'],
    [`${H}0,0,-1\n`, 3, "row 3, column time_us: -1 is negative"],
    [`${H}0,0,38.1\n`, 3, "row 3, column time_us: 38.1 lies after the sample of 38 us"],
    [`${H}0,5,1\n`, 3, "row 3, column source: 5 is out of range, the network has sources 0 to 4"],
    [`${H}0,-1,1\n`, 3, "row 3, column source: -1 is negative"],
    [`${H}0,1.5,1\n`, 3, "row 3, column source: 1.5 is not an integer"],
    [`${H}0.5,1,1\n`, 3, "row 3, column sample: 0.5 is not an integer"],
    [
      `${H}1e12,1,1\n`,
      3,
      "row 3, column sample: 1000000000000 is out of range, at most 1000000 samples are taken",
    ],
    [`${H},1,1\n`, 3, "row 3, column sample: is empty, a number is expected"],
    [`${H}0,1\n`, 3, "row 3: 2 cells where the header has 3"],
    ["sample,source,time_us\n", undefined, "events.csv has no events"],
    ["", undefined, "events.csv is empty"],
  ])("refuses %j", (text, line, message) => {
    const error = userErrorOf(() => parse(text));
    expect(error.code).toBe("input-file");
    expect(error.message).toBe(message);
    expect(error.where?.line).toBe(line);
  });
});
