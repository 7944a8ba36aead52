/** Writes a small HDF5 file: groups, arrays of doubles or integers, strings. The library is loaded when it is needed. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeAtomic } from "../../core/durable-files.ts";

export type Hdf5Value =
  | string
  | {
      readonly shape: readonly number[];
      /** In C order. */
      readonly values: Float64Array | BigInt64Array | readonly string[];
    };

/** What a file holds, by path: `node/nodes/hidden/tau_mem`. */
export type Hdf5Content = ReadonlyMap<string, Hdf5Value>;

/** @throws UserError("file") when it cannot be written */
export async function writeHdf5(path: string, content: Hdf5Content): Promise<void> {
  const { File, ready } = await import("h5wasm/node");
  await ready;
  const folder = mkdtempSync(join(tmpdir(), "eventprop-hdf5-"));
  try {
    const temporary = join(folder, "file.h5");
    const file = new File(temporary, "w");
    for (const [name, value] of content) {
      const parts = name.split("/");
      parts.slice(0, -1).forEach((_, i) => {
        const group = parts.slice(0, i + 1).join("/");
        if (file.get(group) === null) file.create_group(group);
      });
      if (typeof value === "string") file.create_dataset({ name, data: value, shape: [] });
      else {
        const { shape, values } = value;
        const data = Array.isArray(values) ? [...values] : (values as Float64Array | BigInt64Array);
        file.create_dataset({ name, data, shape: [...shape] });
      }
    }
    file.close();
    writeAtomic(path, readFileSync(temporary));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
