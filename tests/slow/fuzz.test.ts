/**
 * Damaged files: whatever is in them, the program reads them or says what is wrong, soon, and leaves nothing behind.
 * EVENTPROP_FUZZ is the number of inputs in process (a hundredth of it through the program); 100 000 is the long run.
 */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { loadCalibration } from "../../src/calibration/store.ts";
import { contentDigest } from "../../src/calibration/store-format.ts";
import { parseCsv } from "../../src/core/csv-text.ts";
import { UserError } from "../../src/core/errors.ts";
import { jsonDocument } from "../../src/core/json-place.ts";
import { stream } from "../../src/core/random.ts";
import { type DatasetConfig, openDataset } from "../../src/data/index.ts";
import { parseEvents } from "../../src/engine/events-file.ts";
import { loadExperiment } from "../../src/experiment/load.ts";
import { shippedExperiments } from "../../src/experiment/shipped.ts";
import { SHIPPED_TEXT } from "../calibration/stored.ts";
import { eventprop } from "../cli/program.ts";
import { npyBytes, zipBytes } from "../data/npy-bytes.ts";
import { SMALL } from "../experiment/experiment-files.ts";
import { mutate, mutateBytes, mutateJson } from "../fuzz/mutate.ts";

const COUNT = Number(process.env["EVENTPROP_FUZZ"] ?? 2000);
const SEED = 1;
/** Milliseconds; an input that takes this long is a hang, however busy the machine is. An idle one needs some 10. */
const HANG = 60_000;

const folder = mkdtempSync(join(tmpdir(), "eventprop-fuzz-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const TABLE_TEXT = `x,y,label\n${Array.from({ length: 20 }, (_, i) => `${i / 20},"${1 - i / 20}",${i % 2 ? "red" : "blue"}`).join("\n")}\n`;
const EVENTS_TEXT = `sample,source,time_us,label\n${Array.from({ length: 20 }, (_, i) => `${i},${i % 3},${i / 2},${i % 2}`).join("\n")}\n`;
write("t.csv", TABLE_TEXT);
const EXPERIMENTS = [
  SMALL,
  SMALL.replace(/^data: .*$/m, "data: { kind: table, path: t.csv, stratify: true }").replace(
    "kind: software",
    "kind: ideal",
  ),
  `${SMALL}regularizers: [{ kind: rate }]\nestimator: { kind: surrogate }\nschedule: { kind: cosine }\n`,
  ...shippedExperiments()
    // Without sweeps, and without two that bring much data.
    .filter(({ path }) => !/^base:/m.test(readFileSync(path, "utf8")))
    .filter(({ name }) => !/^(fashion-mnist|temporal-order)/.test(name))
    .map(({ path }) =>
      readFileSync(path, "utf8").replace(
        "data: { kind: yin-yang }",
        "data: { kind: yin-yang, trainSize: 50, validationSize: 5, testSize: 5 }",
      ),
    ),
];
const JSON_TEXT = JSON.stringify({
  network: { inputs: 3, populations: [{ name: "a", size: 2 }] },
  weights: [
    [0.5, -1e-3],
    [2, 1],
  ],
  note: 'a "b" \u00e9',
});
const ROWS = 12;
const ARRAYS = {
  "features.npy": npyBytes(
    Array.from({ length: 3 * ROWS }, (_, i) => i / 36),
    [ROWS, 3],
  ),
  "labels.npy": npyBytes(
    Array.from({ length: ROWS }, (_, i) => i % 2),
    [ROWS],
  ),
};
const images = Uint8Array.from([
  0,
  0,
  8,
  3,
  0,
  0,
  0,
  ROWS,
  0,
  0,
  0,
  2,
  0,
  0,
  0,
  2,
  ...Array.from({ length: 4 * ROWS }, (_, i) => 5 * i),
]);
const labels = Uint8Array.from([0, 0, 8, 1, 0, 0, 0, ROWS, ...Array.from({ length: ROWS }, (_, i) => i % 2)]);
const split = { validation: 0.2, test: 0.2, stratify: true, seed: 0 };

/** What is read, from a damaged copy of which content. */
interface Target {
  readonly share: number;
  read(index: number): void;
}
const draw = (name: string, index: number) => stream(SEED, `fuzz/${name}`, index);

const TARGETS: Readonly<Record<string, Target>> = {
  experiments: {
    share: 0.5,
    read: (index) => {
      const draws = draw("yaml", index);
      const text = EXPERIMENTS[draws.below(EXPERIMENTS.length)]!;
      write("e.yaml", mutate(text, draws, EXPERIMENTS));
      loadExperiment("e.yaml", { folder });
    },
  },
  overrides: {
    share: 0.1,
    read: (index) => {
      const draws = draw("set", index);
      const set = [
        "network.populations.hidden.size=12",
        "~encoding.bias",
        "loss={ kind: max-over-time, scale: 3 }",
      ];
      write("s.yaml", SMALL);
      loadExperiment("s.yaml", { folder, set: [mutate(set[draws.below(set.length)]!, draws, EXPERIMENTS)] });
    },
  },
  tables: {
    share: 0.15,
    read: (index) => {
      const draws = draw("csv", index);
      const path = write("d.csv", mutate(TABLE_TEXT, draws, [EVENTS_TEXT, JSON_TEXT]));
      const options = {
        path,
        label: "label",
        header: true,
        missing: "drop",
        scale: "min-max",
        ...split,
      } as const;
      openDataset({ kind: "table", ...options } satisfies DatasetConfig);
    },
  },
  events: {
    share: 0.1,
    read: (index) => {
      const draws = draw("events", index);
      const text = mutate(EVENTS_TEXT, draws, [TABLE_TEXT]);
      if (draws.below(2) === 0) openDataset({ kind: "events-csv", path: write("v.csv", text), ...split });
      else parseEvents(text, "v.csv", { inputs: 3, duration: 20 });
    },
  },
  json: {
    share: 0.1,
    read: (index) => {
      const text = mutate(JSON_TEXT, draw("json", index), [JSON_TEXT, SMALL]);
      const place = jsonDocument(text, "j.json");
      place.field("network").field("populations").items()[0]?.field("size").integer(1, 10);
      for (const row of place.field("weights").items(2)) for (const cell of row.items(2)) cell.number();
    },
  },
  /** As another program, or a person with its source, would write them: the digest fits. */
  calibrations: {
    share: 0.02,
    read: (index) => {
      const content = mutateJson(JSON.parse(SHIPPED_TEXT), draw("calibration", index)) as never;
      loadCalibration(
        write("c.json", JSON.stringify({ ...(content as object), digest: contentDigest(content) })),
      );
    },
  },
  arrays: {
    share: 0.03,
    read: (index) => {
      const draws = draw("npz", index);
      const damaged = draws.below(2) === 0;
      const entries = damaged
        ? ARRAYS
        : { ...ARRAYS, "features.npy": mutateBytes(ARRAYS["features.npy"], draws) };
      const archive = zipBytes(entries, {
        deflate: draws.below(2) === 0,
        ...(draws.below(9) === 0 ? { claimed: 0xfffffff0 } : {}),
      });
      const path = write("a.npz", damaged ? mutateBytes(archive, draws) : archive);
      openDataset({ kind: "npz", path, features: "features", labels: "labels", scale: "min-max", ...split });
    },
  },
  images: {
    share: 0.02,
    read: (index) => {
      const draws = draw("idx", index);
      mkdirSync(join(folder, "idx"), { recursive: true });
      const packed = (bytes: Uint8Array): Uint8Array =>
        mutateBytes(draws.below(2) === 0 ? bytes : gzipSync(bytes), draws);
      for (const part of ["train", "t10k"]) {
        write(`idx/${part}-images-idx3-ubyte`, part === "train" ? packed(images) : images);
        write(`idx/${part}-labels-idx1-ubyte`, draws.below(3) === 0 ? packed(labels) : labels);
      }
      openDataset({ kind: "idx", path: join(folder, "idx"), validation: 0.2, seed: 0 });
    },
  },
};

describe("damaged files", () => {
  test.each(Object.entries(TARGETS))(
    "in process: %s",
    (name, { share, read }) => {
      const count = Math.ceil(share * COUNT);
      let refused = 0;
      for (let index = 0; index < count; index++) {
        const start = performance.now();
        try {
          read(index);
        } catch (error) {
          if (!(error instanceof UserError)) throw new Error(`input ${index} of ${name}`, { cause: error });
          refused++;
        }
        if (performance.now() - start > HANG)
          throw new Error(`input ${index} of ${name} took more than a minute`);
      }
      // Damage that nothing notices would test nothing.
      expect(refused).toBeGreaterThan(count / 10);
    },
    3_600_000,
  );

  test("through the program", () => {
    const place = join(folder, "program");
    mkdirSync(place);
    writeFileSync(join(place, "t.csv"), TABLE_TEXT);
    for (let index = 0; index < Math.ceil(COUNT / 100); index++) {
      const draws = draw("program", index);
      const onTable = draws.below(2) === 0;
      writeFileSync(
        join(place, "e.yaml"),
        onTable ? EXPERIMENTS[1]! : mutate(EXPERIMENTS[draws.below(EXPERIMENTS.length)]!, draws, EXPERIMENTS),
      );
      if (onTable) writeFileSync(join(place, "t.csv"), mutate(TABLE_TEXT, draws, [EVENTS_TEXT]));
      const { code, stderr } = eventprop(["validate", "e.yaml", "--json"], { cwd: place });
      expect([0, 3], `input ${index}: ${stderr}`).toContain(code);
      expect(stderr).not.toMatch(/^\s+at /m);
      expect(readdirSync(place).sort()).toEqual(["e.yaml", "t.csv"]);
    }
  }, 3_600_000);
});

// Each would take minutes if it took quadratic time; the limit of the test is the check.
test("text that once took quadratic time", () => {
  const digits = "1".repeat(100_000);
  const refusals = [
    () => parseCsv(`a,b\n${'"'.repeat(100_001)},1\n`, "q.csv"),
    () => jsonDocument(`"${"\\n".repeat(500_000)}`, "q.json"),
    () =>
      openDataset({
        kind: "table",
        path: write("n.csv", `x,label\n${digits}x,a\n1,b\n`),
        label: "label",
        header: true,
        missing: "refuse",
        scale: "none",
        ...split,
      }),
    () => {
      write("q.yaml", SMALL.replace("38 us", digits + "x".repeat(1000)));
      loadExperiment("q.yaml", { folder });
    },
    () => {
      write("k.yaml", `${SMALL}${Array.from({ length: 9000 }, (_, i) => `unknown${i}: 1\n`).join("")}`);
      loadExperiment("k.yaml", { folder });
    },
    () => {
      write("m.yaml", "a: b: c\n".repeat(25_000));
      loadExperiment("m.yaml", { folder });
    },
  ];
  for (const refuse of refusals) expect(refuse).toThrow(UserError);
}, 120_000);
