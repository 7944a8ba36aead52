/**
 * A chip as it would be used without calibration, in the form of one: every neuron has the same words, and everything
 * is taken to be as the target says. The common words are the medians of a true calibration, so that what is lost is
 * the equality of the neurons alone, not the knowledge of a good code (the state "before" in quality tables and in
 * electronicvisions/calix:tests/hw/py/test_neuron_distribution.py).
 */

import { median } from "../../calibration/spread.ts";
import type { Calibration, MeasuredNeurons } from "../../calibration/types.ts";
import { NEURONS } from "../../chip/limits.ts";

/** Converter channels without correction; quadrants and neurons at their medians; no neuron is excluded. */
export function withoutCalibration(calibration: Calibration): Calibration {
  const { words, target, strength } = calibration;
  const measured = Object.fromEntries(
    Object.keys(calibration.measured).map((name) => {
      const sign = name === "strengthExc" || name === "strengthInh";
      const value = sign ? strength : target[name as Exclude<keyof MeasuredNeurons, `strength${string}`>];
      return [name, new Float64Array(NEURONS).fill(value)];
    }),
  ) as unknown as MeasuredNeurons;
  return {
    ...calibration,
    words: {
      neurons: levelled(words.neurons),
      quadrants: levelled(words.quadrants),
      cadcOffset: new Int8Array(words.cadcOffset.length),
      refractoryClocks: words.refractoryClocks,
    },
    measured,
    success: new Uint8Array(NEURONS).fill(1),
    spikeLatency: 0,
    cadcLag: 0,
    quality: [],
  };
}

type WordArray = Uint8Array | Uint16Array | Int8Array;

/** Every word at its median over the chip. */
function levelled<Words extends object>(words: Words): Words {
  return Object.fromEntries(
    Object.entries(words).map(([name, array]) => [name, level(array as WordArray)]),
  ) as Words;
}

function level<Words extends WordArray>(words: Words): Words {
  return words.slice().fill(Math.round(median(words))) as Words;
}
