/**
 * Reports in Debian's Chromium: no request, no complaint, every figure inside its frame on a wide and on a narrow screen,
 * keyboard focus, contrast, print. Skipped where chromium is not installed; the name of the test says so.
 * EVENTPROP_SCREENSHOTS=<dir> keeps what was seen.
 */

import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { eventprop } from "../cli/program.ts";
import { SMOKE } from "../cli/tiny-runs.ts";
import { chromiumPath, openBrowser, type Page } from "./browser.ts";

const path = chromiumPath();
const HOSTILE = `<script>document.title = "taken"</script><img src="http://192.0.2.1/x">`;

describe.skipIf(path === undefined)(
  `reports in a browser${path === undefined ? " (skipped: chromium is not installed)" : ""}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), "eventprop-report-"));
    let page: Page;
    beforeAll(async () => {
      const call = (...args: string[]) => {
        const outcome = eventprop(["--quiet", ...args], { cwd: folder, timeout: 300_000 });
        expect(outcome.code, outcome.stderr).toBe(0);
      };
      call("train", SMOKE, "--set", "training.epochs=2", "--out", "run");
      call("evaluate", "run");
      call("report", "run");
      const name = { name: HOSTILE, "training.batch": 20 };
      writeFileSync(
        join(folder, "sweep.yaml"),
        stringify({
          base: SMOKE,
          list: [name],
          grid: { "training.epochs": [0, 1], "chip.kind": ["software"] },
          seeds: 5,
        }),
      );
      call("sweep", "sweep.yaml", "--out", "sweep");
      call("report", "sweep");
      page = await openBrowser(path as string);
    }, 600_000);
    afterAll(() => page?.close());

    const files = ["run", "sweep"].map((name) => join(folder, name, "report.html"));
    const cases = files.flatMap((file, i) =>
      [1280, 390].flatMap((width) =>
        (["light", "dark"] as const).map((scheme) => [["run", "sweep"][i]!, width, scheme, file] as const),
      ),
    );

    it.each(cases)("%s, %i pixels wide, %s", async (name, width, scheme, file) => {
      await page.open(pathToFileURL(file).href, width, 800, scheme);
      expect(page.complaints).toEqual([]);
      expect(page.requests.filter((url) => !url.startsWith("data:"))).toEqual([pathToFileURL(file).href]);
      expect(await page.evaluate("document.title")).not.toBe("taken");
      expect(await page.evaluate("document.images.length + document.scripts.length")).toBe(0);
      // Nothing sticks out: neither the page to the side, nor a figure or one of its marks out of its frame.
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      const figures = await page.evaluate<{ marks: number; outside: string[] }[]>(`
        [...document.querySelectorAll(".panel > svg")].map((svg) => {
          const frame = svg.getBoundingClientRect();
          const marks = [...svg.querySelectorAll("circle, path, rect, line, text")];
          const outside = marks.filter((mark) => {
            const box = mark.getBoundingClientRect();
            return box.width + box.height > 0 && (box.left < frame.left - 1 || box.right > frame.right + 1 ||
              box.top < frame.top - 1 || box.bottom > frame.bottom + 1);
          });
          return { marks: marks.length, outside: outside.map((mark) => mark.outerHTML.slice(0, 200)) };
        })`);
      expect(figures.length).toBeGreaterThanOrEqual(name === "run" ? 9 : 2);
      for (const { marks, outside } of figures) {
        expect(marks).toBeGreaterThan(8);
        expect(outside).toEqual([]);
      }
      if (process.env["EVENTPROP_SCREENSHOTS"] !== undefined)
        writeFileSync(
          join(process.env["EVENTPROP_SCREENSHOTS"], `${name}-${width}-${scheme}.png`),
          await page.screenshot(),
        );
    });

    it.each(["light", "dark"] as const)("has text of enough contrast, %s", async (scheme) => {
      await page.open(pathToFileURL(files[0]!).href, 1280, 800, scheme);
      // WCAG 2.1, success criterion 1.4.3: 4.5 for text of this size.
      const ratios = await page.evaluate<number[]>(`
        (() => {
          const channels = (color) => color.match(/[\\d.]+/g).slice(0, 3).map(Number);
          const luminance = (color) => {
            const [r, g, b] = channels(color).map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const ground = (element) => {
            for (let at = element; at !== null; at = at.parentElement) {
              const color = getComputedStyle(at).backgroundColor;
              if (!/, 0\\)$|transparent/.test(color)) return color;
            }
            return "rgb(255, 255, 255)";
          };
          return [...document.querySelectorAll("h1, h2, p, a, dt, dd, th, td, pre, figcaption")].map((element) => {
            const [a, b] = [getComputedStyle(element).color, ground(element)].map(luminance);
            return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          });
        })()`);
      expect(ratios.length).toBeGreaterThan(30);
      expect(Math.min(...ratios)).toBeGreaterThanOrEqual(4.5);
    });

    it("can be walked through with the keyboard, and shows where one is", async () => {
      await page.open(pathToFileURL(files[0]!).href, 1280, 800, "light");
      const focus: string[] = [];
      for (let i = 0; i < 30; i++) {
        await page.press("Tab");
        focus.push(
          await page.evaluate(
            'document.activeElement.tagName + " " + getComputedStyle(document.activeElement).outlineStyle',
          ),
        );
      }
      expect(focus.slice(0, 7)).toEqual(Array(7).fill("A solid"));
      expect(focus).toContain("DIV solid");
    });

    it("prints", async () => {
      await page.open(pathToFileURL(files[0]!).href, 1280, 800, "dark");
      const pdf = await page.pdf();
      expect(Buffer.from(pdf.subarray(0, 5)).toString()).toBe("%PDF-");
      expect(pdf.length).toBeGreaterThan(20_000);
    });

    it("is small, and the same each time", () => {
      for (const [i, file] of files.entries()) {
        expect(statSync(file).size).toBeLessThan(300_000);
        const first = readFileSync(file, "utf8");
        expect(eventprop(["report", ["run", "sweep"][i]!], { cwd: folder }).code).toBe(0);
        expect(readFileSync(file, "utf8")).toBe(first);
      }
    });
  },
);
