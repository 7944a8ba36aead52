/**
 * Long work between awaits starves the event loop, where signals and the deaths of workers are heard. Work that can
 * take long calls a visitor between its pieces.
 */

/** Returns a function that visits the event loop when the last visit is longer ago than `everyMs`. */
export function eventLoopVisits(everyMs = 50): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last <= everyMs) return;
    await new Promise((resolve) => setImmediate(resolve));
    last = performance.now();
  };
}
