import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  METRICS_COLUMNS,
  type MetricsRow,
  openMetrics,
  readMetrics,
  truncateMetrics,
} from "../../src/engine/metrics.ts";
import { temporaryFolder, userErrorOf } from "./temporary-folder.ts";

const folder = temporaryFolder();
let files = 0;
const newPath = (): string => join(folder, `${files++}.csv`);

function row(epoch: number, split: string, loss = 1 / (epoch + 3)): MetricsRow {
  const rest = METRICS_COLUMNS.filter((column) => column !== "epoch" && column !== "split");
  const cells = Object.fromEntries(rest.map((column, i) => [column, split === "test" ? null : loss * i]));
  return { epoch, split, ...cells } as unknown as MetricsRow;
}

function write(rows: readonly MetricsRow[]): string {
  const path = newPath();
  const metrics = openMetrics(path);
  for (const each of rows) metrics.append(each);
  metrics.close();
  return path;
}

describe("metrics.csv", () => {
  it("has the columns that users were promised, first and in this order", () => {
    expect(readFileSync(write([]), "utf8")).toBe(
      "epoch,split,loss,loss_classification,loss_regularization,accuracy,spikes_per_sample,silent_neurons," +
        "saturated_weights,capped_jumps,missing_outputs,learning_rate,bytes_observed_per_sample," +
        "bytes_kept_per_sample,bytes_observed_surrogate,bytes_kept_surrogate,epoch_ms,chip_ms,host_ms\n",
    );
  });

  it("shows each row at once, to other readers of the file too", () => {
    const path = newPath();
    const metrics = openMetrics(path);
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
    const metrics = openMetrics(path);
    metrics.append(row(2, "train"));
    metrics.close();
    expect(readMetrics(path)).toEqual([row(1, "train"), row(2, "train")]);
  });
});

describe("resuming", () => {
  it("drops rows after an epoch, and a line that was cut", () => {
    const rows = [1, 2, 3].flatMap((epoch) => [row(epoch, "train"), row(epoch, "validation")]);
    const path = write(rows);
    const untouched = readFileSync(write(rows.slice(0, 4)), "utf8");
    appendFileSync(path, "4,train,0.1");
    expect(readMetrics(path)).toEqual(rows);
    truncateMetrics(path, 2);
    expect(readFileSync(path, "utf8")).toBe(untouched);
  });

  it("loses the test of a run that goes on: it comes after the last checkpoint and is made again", () => {
    const path = write([row(1, "train"), row(2, "train"), row(2, "validation"), row(2, "test")]);
    truncateMetrics(path, 2);
    expect(readMetrics(path).map(({ epoch, split }) => [epoch, split])).toEqual([
      [1, "train"],
      [2, "train"],
      [2, "validation"],
    ]);
  });

  it("refuses tables that are not of this version", () => {
    const path = newPath();
    writeFileSync(path, "epoch,loss\n1,2\n");
    expect(userErrorOf(() => truncateMetrics(path, 1)).code).toBe("file");
    expect(readFileSync(path, "utf8")).toBe("epoch,loss\n1,2\n");
    expect(userErrorOf(() => readMetrics(join(folder, "none.csv"))).code).toBe("file");
    const torn = write([]);
    appendFileSync(torn, "1,train\n");
    expect(userErrorOf(() => readMetrics(torn)).message).toMatch(/:2 is not a row/);
  });

  it("says when the file cannot be opened", () => {
    expect(userErrorOf(() => openMetrics(join(folder, "no", "metrics.csv"))).code).toBe("file");
  });
});
