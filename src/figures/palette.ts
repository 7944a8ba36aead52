/**
 * Colors that stay apart for color-blind readers, on a light ground.
 * M. Okabe, K. Ito, "Color Universal Design" (2008); its yellow is left out, too pale on white.
 */

export const COLORS = {
  blue: "#0072b2",
  vermilion: "#d55e00",
  green: "#009e73",
  orange: "#e69f00",
  purple: "#cc79a7",
  sky: "#56b4e9",
  black: "#000000",
} as const;

/** In the order in which series take them; the series after the last begins anew. */
export const SERIES_COLORS: readonly string[] = [
  COLORS.blue,
  COLORS.vermilion,
  COLORS.green,
  COLORS.orange,
  COLORS.purple,
  COLORS.sky,
];

export function seriesColor(index: number): string {
  return SERIES_COLORS[index % SERIES_COLORS.length] as string;
}

/** From early (0, dark) to late (1, light), of even steps in lightness: colors of viridis, without its palest yellow. */
const RAMP = ["#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#8fd744", "#c8d91f"];

export function rampColor(share: number): string {
  return RAMP[Math.round(share * (RAMP.length - 1))] as string;
}

export const INK = "#1f2328";
export const FAINT_INK = "#656d76";
export const GROUND = "#ffffff";
