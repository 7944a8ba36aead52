/** Deals the rows of a data set into parts: by a seeded permutation, or class by class with the same shares. */

import { permutation, stream } from "../core/random.ts";

/** Rows of each part, in the order in which samples are numbered. */
export interface RowSplit {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
}

export interface Shares {
  readonly size: number;
  /** Of all rows; what is left is for training. */
  readonly validation: number;
  readonly test: number;
  /** Class of each row: then each class is dealt on its own. */
  readonly labels?: readonly number[];
  readonly seed: number;
}

export function dealRows({ size, validation, test, labels, seed }: Shares): RowSplit {
  const order = permutation(size, stream(seed, "data/table/split"));
  if (labels === undefined) return cut(order, validation, test);
  const byClass = new Map<number, number[]>();
  for (const row of order) {
    const label = labels[row]!;
    const rows = byClass.get(label);
    if (rows === undefined) byClass.set(label, [row]);
    else rows.push(row);
  }
  const parts = [...byClass.values()].map((rows) => cut(Int32Array.from(rows), validation, test));
  // In the order of the permutation, so that samples of a class do not stand together.
  const place = new Int32Array(size);
  order.forEach((row, i) => {
    place[row] = i;
  });
  const join = (part: keyof RowSplit): Int32Array =>
    Int32Array.from(parts.flatMap((each) => [...each[part]])).sort((a, b) => place[a]! - place[b]!);
  return { train: join("train"), validation: join("validation"), test: join("test") };
}

function cut(rows: Int32Array, validationShare: number, testShare: number): RowSplit {
  const validation = Math.round(validationShare * rows.length);
  const test = Math.round(testShare * rows.length);
  const train = Math.max(0, rows.length - validation - test);
  return {
    train: rows.subarray(0, train),
    validation: rows.subarray(train, train + validation),
    test: rows.subarray(train + validation),
  };
}
