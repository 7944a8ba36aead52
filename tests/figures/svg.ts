/** What every figure must be: well-formed SVG without holes in its numbers. */

import { expect } from "vitest";

export function expectSoundSvg(svg: string): void {
  const open: string[] = [];
  for (const [, close, name, selfClosed] of svg.matchAll(
    /<(\/?)([A-Za-z][\w-]*)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g,
  )) {
    if (close === "/") expect(open.pop()).toBe(name);
    else if (selfClosed === "") open.push(name as string);
  }
  expect(open).toEqual([]);
  // Outside of the tags there is text only: nothing that the pattern above did not understand.
  expect(svg.replaceAll(/<(\/?)([A-Za-z][\w-]*)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g, "")).not.toMatch(/[<>]/);
  expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  expect(svg).not.toMatch(/NaN|undefined|Infinity|var\(--/);
}

/** Text of all <text> elements. */
export function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1] as string);
}

export function countOf(svg: string, pattern: RegExp): number {
  return [...svg.matchAll(pattern)].length;
}
