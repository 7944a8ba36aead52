/** What read.ts asks of the process that reads HDF5 files, and what comes back: a line of JSON, then doubles. */

export interface ArrayRequest {
  /** `"spikes/times"`. */
  readonly path: string;
  /** Rows that are read, the first ones; all when absent. */
  readonly rows?: number;
}

export interface ChildRequest {
  readonly file: string;
  /** All that the file has when absent. */
  readonly arrays?: readonly ArrayRequest[];
  /** Numbers and strings that all arrays may have together. */
  readonly maxValues: number;
}

export interface ArrayHead {
  readonly path: string;
  /** Empty for a single value. */
  readonly shape: readonly number[];
  /** Doubles of this array in what follows; absent for strings. */
  readonly count?: number;
  /** Numbers in each row of an array whose rows have lengths of their own. */
  readonly lengths?: readonly number[];
  readonly strings?: readonly string[];
}

/** Arrays that were found, in the order of the request; or what is wrong with the file. */
export type ChildAnswer = { readonly arrays: readonly ArrayHead[] } | { readonly problem: string };

/** Rows that are read at once. */
export const PIECE_ROWS = 256;
