/** Arbitrary membranes for property tests: constants of the usual size, close to and far from the limits. */

import * as fc from "fast-check";

/** Spread evenly; fc.double spreads over exponents, so that almost all its values are tiny. */
const double = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: 2 ** 30 }).map((step) => min + ((max - min) * step) / 2 ** 30);

/** Membrane time constant, µs. */
export const tau = double(1, 30);

/** Synaptic time constant over the membrane's: anywhere, exactly 1, or 1 ± 10^−1 … 10^−16. */
export const tauNear = fc.oneof(
  double(0.1, 3),
  fc.constant(1),
  fc
    .tuple(fc.integer({ min: 1, max: 16 }), fc.boolean())
    .map(([k, above]) => 1 + (above ? 1 : -1) * 10 ** -k),
);

/** A potential or current of either sign. */
export const current = double(-6, 6);

/** Excitatory current. */
export const excitation = double(0, 8);

/** Inhibitory current; often absent. */
export const inhibition = fc.oneof(fc.constant(0), double(-6, 0));

/** Potential below a threshold of 1. */
export const below = double(-1, 0.999);

/** Length of an interval, µs. */
export const span = double(0, 60);
