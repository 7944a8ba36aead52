/** One sample of each class: every spike of inputs and neurons over time, populations from bottom to top. */

import { FAINT_INK, type Figure, manyDots, type Panel, seriesColor } from "./figure.ts";

export interface RasterSample {
  readonly title: string;
  /** Group (place in `groups`), neuron within it, µs. */
  readonly spikes: readonly (readonly [number, number, number])[];
}

export interface RasterGroup {
  readonly name: string;
  readonly size: number;
}

/** Small groups get as much room as this many neurons of a large one, so that five inputs can be told apart. */
const LEAST_SHARE = 1 / 6;

export function classRastersFigure(
  title: string,
  note: string,
  groups: readonly RasterGroup[],
  duration: number,
  samples: readonly RasterSample[],
): Figure {
  const bands = bandsOf(groups);
  return {
    title,
    note,
    legend: groups.map(({ name, size }, i) => ({
      label: `${name} (${size})`,
      color: seriesColor(i),
      mark: "dot",
    })),
    columns: 3,
    panelWidth: 304,
    panelHeight: 260,
    panels: samples.map((sample) => panel(sample, groups, bands, duration)),
  };
}

interface Band {
  readonly from: number;
  readonly height: number;
}

/** Where each group stands between 0 and 1, with gaps between them. */
function bandsOf(groups: readonly RasterGroup[]): Band[] {
  const total = groups.reduce((sum, { size }) => sum + size, 0);
  const wanted = groups.map(({ size }) => Math.max(LEAST_SHARE, size / total));
  const sum = wanted.reduce((a, b) => a + b, 0);
  let from = 0;
  return wanted.map((share) => {
    const band = { from, height: (0.94 * share) / sum };
    from += share / sum;
    return band;
  });
}

function panel(
  { title, spikes }: RasterSample,
  groups: readonly RasterGroup[],
  bands: readonly Band[],
  duration: number,
): Panel {
  const height = ([group, neuron]: RasterSample["spikes"][number]): number => {
    const { from, height: room } = bands[group]!;
    return from + (room * (neuron + 0.5)) / groups[group]!.size;
  };
  return {
    title,
    plot: (plot) => ({
      marginLeft: 56,
      marginBottom: 36,
      marginRight: 8,
      x: { domain: [0, duration], label: "time (µs)", labelAnchor: "center", labelArrow: "none" },
      y: {
        domain: [0, 1],
        label: null,
        ticks: bands.map(({ from, height: room }) => from + room / 2),
        tickFormat: (_: number, i: number) => shortName(groups[i]?.name ?? ""),
        tickSize: 0,
      },
      marks: [
        plot.frame({ stroke: FAINT_INK, strokeOpacity: 0.4 }),
        plot.ruleY(
          bands.slice(1).map(({ from }) => from - 0.015),
          { stroke: FAINT_INK, strokeOpacity: 0.25 },
        ),
        groups.map((_, group) =>
          manyDots(
            plot,
            spikes.filter(([of]) => of === group),
            ([, , time]) => time,
            height,
            seriesColor(group),
            3.6,
          ),
        ),
      ],
    }),
  };
}

function shortName(name: string): string {
  return name.length <= 8 ? name : `${name.slice(0, 7)}…`;
}
