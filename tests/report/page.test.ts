import { describe, expect, it } from "vitest";
import { escapeHtml, factsHtml, pageHtml, preformatted, tableHtml } from "../../src/report/page.ts";

const HOSTILE = `</pre></style><script>alert("x")</script><img src=x onerror='y'> &amp;`;

describe("a report page", () => {
  const page = pageHtml(HOSTILE, HOSTILE, [
    { id: "a", title: HOSTILE, body: factsHtml([[HOSTILE, HOSTILE]]) },
    { id: "b", title: "b", body: tableHtml([HOSTILE], [[HOSTILE]], [0]) + preformatted(HOSTILE) },
  ]);

  it("keeps hostile text as text", () => {
    expect(page).not.toMatch(/<script|<img/);
    expect(page.split(escapeHtml(HOSTILE)).length - 1).toBe(10);
  });

  it("forbids requests and scripts, and names none", () => {
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`);
    expect(page).not.toMatch(/(src|href)="(?!#|data:)/);
  });

  it("has every section that its navigation names", () => {
    for (const [, id] of page.matchAll(/href="#([^"]+)"/g)) expect(page).toContain(`<section id="${id}"`);
  });
});
