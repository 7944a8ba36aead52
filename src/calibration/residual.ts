/**
 * What a real calibration leaves: its searches end on codes that noise chose, so that neurons scatter around the target
 * by more than the searches of this program leave. A target asks for that scatter as a factor on the published spreads
 * (`residual`), which is then put into the words that were found, so that a network meets neurons as unequal as those of
 * the real chip. Chips without noise keep exact words.
 *
 * Spreads: the accepted ratios of electronicvisions/calix:tests/hw/py/test_neuron_distribution.py times the spread
 * before calibration bound them from above (leak 3.9, reset 2.9, threshold 2.6 LSB, time constants 4.4 and 5.5 %);
 * JulianGoeltz/fastAndDeep:experiment_configs/yin_yang_hwAware.yaml assumes 2.2 LSB of threshold; eight neurons of
 * electronicvisions/brainscales2-demos:ts_06 rest within ± 6.7 MADC LSB, and their amplitudes lie within 3 % or so.
 */

import { CAPMEM_MAX } from "../chip/limits.ts";
import type { NeuronWords } from "../chip/types.ts";
import { stream } from "../core/random.ts";
import { PARAMETERS } from "./parameters/index.ts";
import { clamp } from "./search.ts";

/** Scatters the words in place; codes stay off the bounds. @param chip names the draws @param factor on all spreads */
export function addResidual(words: NeuronWords, chip: string, factor: number): void {
  for (const { register, residual } of PARAMETERS) {
    if (register === undefined || residual === undefined) continue;
    const draws = stream(0, `calibration/residual/${chip}/${register}`);
    const codes = words[register];
    for (let neuron = 0; neuron < codes.length; neuron++) {
      const code = codes[neuron]!;
      const moved = Math.round(code + residual.codes(code, factor * draws.normal()));
      if (code > 0 && code < CAPMEM_MAX) codes[neuron] = clamp(moved, 1, CAPMEM_MAX - 1);
    }
  }
}
