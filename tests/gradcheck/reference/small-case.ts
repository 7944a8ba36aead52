/**
 * One neuron, one input, as a case file: τ_m = τ_s = 6 µs, w = 1.1 e. T = −τ W₀(−ϑ/w) and dT/dw = −τ x/(w (1 − x)),
 * evaluated with 60 digits.
 */

export const SMALL_CASE = {
  name: "one neuron",
  sources: 1,
  inputEvents: [[0, 0]],
  neurons: [{ taum: 6, taus: 6, theta: 1, reset: 0, tref: 0 }],
  weights: [[1.1 * Math.E], [0]],
  mask: [[1], [0]],
  duration: 30,
  loss: { kind: "spike-times", terms: [[0, 0, 1]] },
  expected: {
    spikeTimes: [[3.746937830233289]],
    loss: 3.746937830233289,
    gradient: [[-3.337085969454995], [0]],
  },
};

/** The text of a file with this one case, changed by `change`. */
export function caseFile(change: (one: typeof SMALL_CASE) => unknown = (one) => one): string {
  return JSON.stringify({ cases: [change(structuredClone(SMALL_CASE))] });
}
