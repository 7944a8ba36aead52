/**
 * Handwritten digits of 8 x 8 pixels, shipped with this program: the 1797 test samples of E. Alpaydin and C. Kaynak,
 * "Optical Recognition of Handwritten Digits" (UCI Machine Learning Repository, 1998, doi:10.24432/C50P49, CC BY 4.0),
 * as scikit-learn distributes them. Pixels count 0 … 16 and are scaled to 0 … 1.
 */

import type { Static, TObject } from "@sinclair/typebox";
import { packagePath } from "../core/package-folder.ts";
import { member } from "../core/table.ts";
import { namedClasses } from "./classes.ts";
import { featureSplits } from "./feature-splits.ts";
import { splitOptions } from "./recorded.ts";
import { readBytes } from "./text-file.ts";
import { gunzipped } from "./unpack.ts";

const FILE = packagePath("data/digits.csv.gz");
const PIXELS = 64;
const BRIGHTEST = 16;

export const digits = member({
  kind: "digits",
  summary: "handwritten digits of 8 x 8 pixels in ten classes (UCI, 1797 samples), shipped",
  options: splitOptions,
  create: (chosen: Static<TObject<typeof splitOptions>>) => {
    const text = new TextDecoder().decode(gunzipped(readBytes(FILE), FILE));
    const rows = text
      .trim()
      .split(/\r?\n/)
      .map((line) => line.split(",").map(Number));
    const values = Float64Array.from(
      rows.flatMap((row) => row.slice(0, PIXELS)),
      (pixel) => pixel / BRIGHTEST,
    );
    const classes = namedClasses(
      rows.map((row) => String(row[PIXELS])),
      FILE,
    );
    return featureSplits(values, classes, { ...chosen, scale: "none" }, FILE);
  },
});
