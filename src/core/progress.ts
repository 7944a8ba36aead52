/** What long work reports. Library code never prints: it calls a `Report`, and the command line shows it. */

export type ProgressEvent =
  | { readonly kind: "phase"; readonly name: string; readonly detail?: string }
  | {
      readonly kind: "step";
      /** What is counted: "epoch", "calibration step", "weight". */
      readonly unit: string;
      readonly done: number;
      readonly total: number;
      /** What was done last, where steps differ. */
      readonly name?: string;
      /** Numbers worth seeing beside the bar, in order. */
      readonly figures?: Readonly<Record<string, number>>;
      /**
       * Where the present step stands, when it takes long: `done` then counts it with a fraction. Such events come often,
       * and are for a person who waits, not for records.
       */
      readonly part?: { readonly unit: string; readonly done: number; readonly total: number };
    }
  | {
      readonly kind: "warning";
      readonly message: string;
      /** What to do about it. */
      readonly hint?: string;
    };

export type Report = (event: ProgressEvent) => void;

export const silent: Report = () => {};
