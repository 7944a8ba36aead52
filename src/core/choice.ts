/** Schema of an option that is one of a few words. */

import { type TUnsafe, Type } from "@sinclair/typebox";

export function choiceSchema<const Word extends string>(
  words: readonly Word[],
  options: { readonly description: string; readonly default?: NoInfer<Word> },
): TUnsafe<Word> {
  return Type.Unsafe<Word>({ type: "string", enum: words, ...options });
}
