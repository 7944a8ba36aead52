/** What an observation costs to keep for the backward pass (counting rule: docs/memory.md). */

/** A 32-bit time stamp in ticks of 8 ns, a 16-bit entry of the batch and a 16-bit label. */
export const SPIKE_BYTES = 8;

/** One 8-bit converter code of one membrane. */
export const SAMPLE_BYTES = 1;
