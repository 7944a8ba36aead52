import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkMetrics,
  METRICS_COLUMNS,
  type MetricsRow,
  openMetrics,
  PART_COLUMNS,
  readMetrics,
} from "../../src/engine/metrics.ts";
import { temporaryFolder, userErrorOf } from "./temporary-folder.ts";

const folder = temporaryFolder();
let files = 0;
const PARTS = ["hidden.silent_samples", "a>b.gradient_norm"];
const newPath = (): string => join(folder, `${files++}.csv`);

function row(epoch: number, split: string, loss = 1 / (epoch + 3)): MetricsRow {
  const rest = METRICS_COLUMNS.filter((column) => column !== "epoch" && column !== "split");
  const cells = Object.fromEntries(rest.map((column, i) => [column, split === "test" ? null : loss * i]));
  const parts = { "hidden.silent_samples": split === "test" ? null : loss / 2, "a>b.gradient_norm": 1 / 3 };
  return { epoch, split, ...cells, parts } as unknown as MetricsRow;
}

function write(rows: readonly MetricsRow[]): string {
  const path = newPath();
  const metrics = openMetrics(path, PARTS);
  for (const each of rows) metrics.append(each);
  metrics.close();
  return path;
}

describe("metrics.csv", () => {
  it("has the columns that users were promised, first and in this order", () => {
    expect(readFileSync(write([]), "utf8")).toBe(
      "epoch,split,loss,loss_classification,loss_regularization,accuracy,spikes_per_sample,silent_neurons," +
        "saturated_weights,capped_jumps,missing_outputs,learning_rate,bytes_observed_per_sample," +
        "bytes_kept_per_sample,bytes_observed_surrogate,bytes_kept_surrogate,epoch_ms,chip_ms,host_ms," +
        "samples,unanswered,tied,inputs_per_sample,dropped_inputs,moved_inputs,dropped_spikes,stray_events," +
        "early_spikes,late_spikes,cut_recordings,clipped_batches,late_arrivals,model_early,model_late," +
        "hidden.silent_samples,a>b.gradient_norm\n",
    );
  });

  it("shows each row at once, to other readers of the file too", () => {
    const path = newPath();
    const metrics = openMetrics(path, PARTS);
    metrics.append(row(1, "train"));
    expect(readMetrics(path)).toEqual([row(1, "train")]);
    metrics.append(row(1, "validation"));
    expect(readMetrics(path).length).toBe(2);
    metrics.close();
  });

  it("gives every double back", () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
    fc.assert(
      fc.property(fc.array(finite, { maxLength: 5 }), (losses) => {
        const rows = losses.map((loss, i) => ({ ...row(i, "train"), loss }));
        const read = readMetrics(write(rows)).map(({ loss }) => loss);
        expect(read).toEqual(losses.map((loss) => (loss === 0 ? 0 : loss)));
      }),
      { numRuns: 50 },
    );
  });

  it("goes on where it stopped when it is opened again", () => {
    const path = write([row(1, "train")]);
    const metrics = openMetrics(path, PARTS);
    metrics.append(row(2, "train"));
    metrics.close();
    expect(readMetrics(path)).toEqual([row(1, "train"), row(2, "train")]);
  });
});

describe("going on after a checkpoint", () => {
  /** A table with `before` when the checkpoint was written, and `after` that came later. */
  const interrupted = (before: readonly MetricsRow[], after: readonly MetricsRow[]) => {
    const path = newPath();
    const metrics = openMetrics(path, PARTS);
    for (const each of before) metrics.append(each);
    const mark = metrics.sync();
    for (const each of after) metrics.append(each);
    metrics.close();
    return { path, mark };
  };
  const rows = [1, 2, 3].flatMap((epoch) => [row(epoch, "train"), row(epoch, "validation")]);

  it("drops what came later, and a line that was cut", () => {
    const { path, mark } = interrupted(rows.slice(0, 4), rows.slice(4));
    appendFileSync(path, "4,train,0.1");
    expect(readMetrics(path)).toEqual(rows);
    const metrics = openMetrics(path, PARTS, mark);
    expect(readMetrics(path)).toEqual(rows.slice(0, 4));
    metrics.append(rows[4]!);
    metrics.append(rows[5]!);
    const end = metrics.sync();
    metrics.close();
    expect(readFileSync(path)).toEqual(readFileSync(write(rows)));
    checkMetrics(path, end);
  });

  it("refuses a beginning with any one byte changed, and one that is too short, and writes nothing", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const { path, mark } = interrupted(rows.slice(0, 2), rows.slice(2));
        const bytes = readFileSync(path);
        bytes[at % mark.bytes] = bytes[at % mark.bytes]! ^ flip;
        writeFileSync(path, bytes);
        expect(userErrorOf(() => openMetrics(path, PARTS, mark)).message).toMatch(/was changed/);
        expect(readFileSync(path)).toEqual(bytes);
      }),
      { numRuns: 40 },
    );
    const { path, mark } = interrupted(rows, []);
    writeFileSync(path, readFileSync(path).subarray(0, mark.bytes - 1));
    expect(userErrorOf(() => checkMetrics(path, mark)).message).toMatch(/was cut/);
    expect(userErrorOf(() => checkMetrics(newPath(), mark)).message).toMatch(/no such file/);
  });
});

describe("a table that is none", () => {
  it("is refused", () => {
    const path = newPath();
    writeFileSync(path, "epoch,loss\n1,2\n");
    expect(userErrorOf(() => readMetrics(path)).code).toBe("file");
    expect(userErrorOf(() => readMetrics(join(folder, "none.csv"))).code).toBe("file");
    const torn = write([]);
    appendFileSync(torn, "1,train\n");
    expect(userErrorOf(() => readMetrics(torn)).message).toMatch(/:2 is not a row/);
    expect(userErrorOf(() => openMetrics(join(folder, "no", "metrics.csv"), PARTS)).code).toBe("file");
  });
});

it("docs/run-folder.md explains each column", () => {
  const text = readFileSync(new URL("../../docs/run-folder.md", import.meta.url), "utf8");
  const columns = [
    ...METRICS_COLUMNS,
    ...PART_COLUMNS.population.map((column) => `<population>.${column}`),
    ...PART_COLUMNS.projection.map((column) => `<projection>.${column}`),
  ];
  expect(columns.filter((column) => !text.includes(`\`${column}\``))).toEqual([]);
});
