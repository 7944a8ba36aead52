/** The gradient of every neuron model against differences, for all weights, delays and constants of many networks. */

import { describe, expect, it } from "vitest";
import { gradientErrors, SHAPES, shapeName, shapeTolerance } from "../conformance/model-problems.ts";

const DELAYS = ["no", "axonal", "dendritic", "synaptic"] as const;

describe.each(SHAPES.map((shape) => [shapeName(shape), shape] as const))("%s", (_name, shape) => {
  it.each(DELAYS.flatMap((delays) => [false, true].map((recurrent) => ({ delays, recurrent }))))(
    "$delays delays, recurrent: $recurrent",
    ({ delays, recurrent }) => {
      let compared = 0;
      for (let seed = 0; seed < 2; seed++) {
        const each = { ...shape, recurrent, ...(delays === "no" ? {} : { delays }) };
        const errors = gradientErrors(each, seed);
        compared += errors.compared;
        expect(errors.worst).toBeLessThan(shapeTolerance(shape));
      }
      expect(compared).toBeGreaterThan(40);
    },
  );
});
