/**
 * Estimated gradients against central differences, a dot for each weight and sample, one panel per estimator. Both are
 * divided by the largest difference of their projection, so that projections share the axes. An exact estimator has all
 * dots on the dashed line; what lies outside of a panel stands as a triangle at its edge, and is counted.
 */

import { FAINT_INK, type Figure, INK, manyDots, type Panel, seriesColor } from "./figure.ts";

/** Divided by the largest difference of the projection. */
export interface ScaledPair {
  readonly difference: number;
  readonly estimate: number;
}

export interface EstimatorPairs {
  readonly name: string;
  /** One for each projection, in the order of the legend. */
  readonly projections: readonly (readonly ScaledPair[])[];
}

/** @param projections names, as the legend has them */
export function gradientPairsFigure(
  title: string,
  note: string,
  projections: readonly string[],
  estimators: readonly EstimatorPairs[],
): Figure {
  return {
    title,
    note,
    legend: [
      { label: "estimate = difference", color: INK, mark: "dashes" },
      ...projections.map((label, i) => ({ label, color: seriesColor(i), mark: "dot" as const })),
    ],
    columns: estimators.length === 4 ? 2 : 3,
    panelWidth: 300,
    panelHeight: 280,
    panels: estimators.map(panel),
  };
}

/** Estimates up to this many times the largest difference are inside of a panel. */
const EDGE = 1.5;

function panel({ name, projections }: EstimatorPairs): Panel {
  const outside = projections.flatMap((pairs, p) =>
    pairs
      .filter(({ estimate }) => !(Math.abs(estimate) <= EDGE))
      .map(({ difference, estimate }) => ({
        difference,
        edge: estimate < 0 ? -EDGE : EDGE,
        color: seriesColor(p),
      })),
  );
  const total = projections.reduce((sum, pairs) => sum + pairs.length, 0);
  const count = outside.length === 0 ? "" : ` (${outside.length} of ${total} outside)`;
  return {
    title: `${name}${count}`,
    plot: (plot) => ({
      marginLeft: 46,
      marginBottom: 38,
      x: {
        domain: [-1.05, 1.05],
        ticks: [-1, -0.5, 0, 0.5, 1],
        label: "central difference / largest",
        labelAnchor: "center",
        labelArrow: "none",
      },
      y: {
        domain: [-EDGE, EDGE],
        ticks: [-1.5, -1, -0.5, 0, 0.5, 1, 1.5],
        label: "estimate / largest difference",
        labelAnchor: "top",
        labelArrow: "none",
        grid: true,
      },
      marks: [
        plot.frame({ stroke: FAINT_INK, strokeOpacity: 0.4 }),
        plot.line(
          [
            [-1.05, -1.05],
            [1.05, 1.05],
          ],
          { stroke: INK, strokeDasharray: "4 3" },
        ),
        ...projections.map((pairs, p) =>
          manyDots(
            plot,
            pairs.filter(({ estimate }) => Math.abs(estimate) <= EDGE),
            ({ difference }) => difference,
            ({ estimate }) => estimate,
            seriesColor(p),
            3.6,
          ),
        ),
        plot.dot(outside, {
          x: "difference",
          y: "edge",
          symbol: "triangle",
          rotate: ({ edge }: { edge: number }) => (edge > 0 ? 0 : 180),
          fill: "color",
          r: 4,
        }),
      ],
    }),
  };
}
