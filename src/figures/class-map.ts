/** Samples in the plane of their first two features, coloured by predicted class; wrong ones are ringed. */

import { figureToSvg, type LegendEntry } from "./figure.ts";
import { FAINT_INK, INK, seriesColour } from "./palette.ts";

export interface ClassMapData {
  readonly title: string;
  readonly classNames: readonly string[];
  /** `features[sample * featureCount + feature]`; features 0 and 1 are drawn. */
  readonly features: Float64Array;
  readonly featureCount: number;
  readonly labels: ArrayLike<number>;
  /** −1 where no output answered. */
  readonly predictions: ArrayLike<number>;
}

interface Sample {
  readonly x: number;
  readonly y: number;
  readonly colour: string;
  readonly wrong: boolean;
}

const UNANSWERED = "#d0d7de";

export function classMap(data: ClassMapData): Promise<string> {
  const { features, featureCount, labels, predictions } = data;
  const samples = Array.from(labels, (label, i): Sample => {
    const prediction = predictions[i] as number;
    return {
      x: features[i * featureCount] as number,
      y: features[i * featureCount + 1] as number,
      colour: prediction < 0 ? UNANSWERED : seriesColour(prediction),
      wrong: prediction !== label,
    };
  });
  const wrong = samples.filter((sample) => sample.wrong);
  const unanswered = Array.from(predictions).some((prediction) => prediction < 0);
  const legend: LegendEntry[] = [
    ...data.classNames.map((label, i): LegendEntry => ({ label, colour: seriesColour(i), mark: "dot" })),
    ...(unanswered ? [{ label: "no answer", colour: UNANSWERED, mark: "dot" } as const] : []),
    { label: `wrong (${wrong.length} of ${samples.length})`, colour: INK, mark: "ring" },
  ];
  return figureToSvg({
    title: data.title,
    legend,
    columns: 1,
    panelWidth: 460,
    panelHeight: 450,
    panels: [
      {
        title: "Predicted class",
        plot: (plot) => ({
          marginLeft: 44,
          marginBottom: 40,
          marginTop: 16,
          marginRight: 16,
          x: { label: "x", labelAnchor: "center", labelArrow: "none", domain: [0, 1] },
          y: { label: "y", labelAnchor: "top", labelArrow: "none", domain: [0, 1] },
          marks: [
            plot.frame({ stroke: FAINT_INK, strokeOpacity: 0.4 }),
            plot.dot(samples, { x: "x", y: "y", fill: "colour", r: 2.6, fillOpacity: 0.85 }),
            plot.dot(wrong, { x: "x", y: "y", stroke: INK, strokeWidth: 1.3, r: 4.6 }),
          ],
        }),
      },
    ],
  });
}
