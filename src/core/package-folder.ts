/** Where this package stands on the disk: its data, experiments and calibrations are read from there. */

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PACKAGE_FOLDER = rootAbove(fileURLToPath(import.meta.url));

/**
 * @param path relative to the folder of package.json
 * @returns an absolute path, whether this runs from src or from a bundle in dist
 */
export function packagePath(path: string): string {
  return join(PACKAGE_FOLDER, path);
}

function rootAbove(path: string): string {
  const folder = dirname(path);
  return existsSync(join(folder, "package.json")) ? folder : rootAbove(folder);
}
