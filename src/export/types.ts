/** What can be made of a run or of a recording for other programs: a member of `EXPORTS`. */

export interface ExportRequest {
  /** The folder of a run, or one with recorded spikes and membranes. */
  readonly folder: string;
  /** One of the target's formats. */
  readonly format: string;
  /** File or folder to write; what exists already is not overwritten. */
  readonly out: string;
}

export interface ExportOutcome {
  /** What was written, in words: names and shapes of arrays, or parts of a program. */
  readonly contents: readonly { readonly name: string; readonly what: string }[];
  /** What the target cannot say or another program should know. */
  readonly notes: readonly string[];
}

export interface ExportTarget {
  /** The word for `eventprop export --for`. */
  readonly kind: string;
  readonly summary: string;
  /** Words for `--format`, the usual one first; each says what is appended to a name that was not given. */
  readonly formats: readonly { readonly name: string; readonly extension: string }[];
  /** @throws UserError when the folder has nothing of this kind, or when nothing can be written */
  write(request: ExportRequest): Promise<ExportOutcome>;
}
