import { expect, test } from "vitest";
import { philox } from "../../src/core/random.ts";

// kat_vectors of Random123 (Salmon et al. 2011).
test.each([
  ["00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
  ["ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"],
  ["243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"],
])("Philox4x32-10 of counter %s and key %s is %s", (counter, key, result) => {
  const words = (text: string): Uint32Array =>
    Uint32Array.from(text.split(" "), (word) => Number(`0x${word}`));
  const [key0, key1] = words(key);
  const out = new Uint32Array(4);
  philox(words(counter), key0 as number, key1 as number, out);
  expect(out).toEqual(words(result));
});
