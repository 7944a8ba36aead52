/** What a search found: its points by their validation score, the chosen ones with their test. */

import type { RunTable } from "../results.ts";
import type { SweepPlan } from "../sweep-folder.ts";
import type { Ranked, SearchProgress } from "./progress.ts";

export interface RankingLine extends Ranked {
  readonly label: string;
  readonly chosen: boolean;
  /** Means over the runs of a chosen point; null for the others. */
  readonly testAccuracy: number | null;
  readonly testLoss: number | null;
}

export function rankingOf(
  plan: SweepPlan,
  { ranking, complete }: SearchProgress,
  table: RunTable,
): RankingLine[] {
  return ranking.map((one, i) => {
    const { label, folder } = plan.settings[one.setting]!;
    const chosen = complete && one.score !== null && i < (plan.search?.chosen ?? 0);
    const rows = table.rows.filter((row) => row.folder.startsWith(`${folder}/`));
    const mean = (metric: "testAccuracy" | "testLoss"): number | null => {
      const values = rows.flatMap(({ metrics }) => metrics[metric] ?? []);
      return chosen && values.length === rows.length && rows.length > 0
        ? values.reduce((a, b) => a + b) / values.length
        : null;
    };
    return { ...one, label, chosen, testAccuracy: mean("testAccuracy"), testLoss: mean("testLoss") };
  });
}
