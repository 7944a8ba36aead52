/**
 * Arrays that the exact adjoint works in: one set for all estimators of a thread, since a pass runs to its end before
 * the next begins. Each function asks for them by itself instead of being handed them: the set for samples of usual
 * size never changes, so that addresses and lengths become constants of the function's machine code. Those of an array
 * that is an argument are loaded and checked again in every iteration, which costs more than the number that is read.
 *
 * For the same reason modules with such loops copy what they import (`const { decay } = model`): V8 looks an import up
 * wherever it is used, while constants of the module itself become part of the machine code.
 */

/** Entries that the set for samples of usual size has. */
const USUAL = 4096;

/** Makes the function that gives arrays with room for a number of entries; `create` makes the arrays. */
export function workingArrays<Arrays>(create: (room: number) => Arrays): (room: number) => Arrays {
  const usual = create(USUAL);
  let large = usual;
  let largest = USUAL;
  const grown = (room: number): Arrays => {
    if (room > largest) {
      largest = 2 * room;
      large = create(largest);
    }
    return large;
  };
  // Only what is as short as this is inlined before its callers' uses of the arrays are compiled.
  return (room) => (room > USUAL ? grown(room) : usual);
}
