/** Calls that are refused at once, made in this process: faster than a child, and all that is said is seen. */

import { vi } from "vitest";
import { main } from "../../src/cli/main.ts";

/** Exit code and what is said on stderr. */
export async function refusal(...args: string[]): Promise<{ code: number; stderr: string }> {
  let stderr = "";
  const spy = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    stderr += text;
    return true;
  });
  try {
    return { code: await main(["--no-color", ...args]), stderr };
  } finally {
    spy.mockRestore();
  }
}
