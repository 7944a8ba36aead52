/** How this program is called: the one place that says its name in help, examples and hints. */

/** Works from a clone after `npm ci` and where the package is installed, without anything on the PATH. */
export const PROGRAM = "npx eventprop";

/** A call as one types it: `npx eventprop train --resume 'my run'`. */
export function commandLine(...words: readonly string[]): string {
  return [PROGRAM, ...words.map(shellWord)].join(" ");
}

/** A word as shells take it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
