/** What an observation costs to keep for the backward pass (counting rule: docs/memory.md). */

/** As recorded: one 64-bit entry with 43-bit time and 16-bit label. */
export const SPIKE_BYTES = 8;

/** One 8-bit converter code of one membrane. */
export const SAMPLE_BYTES = 1;
