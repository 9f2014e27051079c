import { readFileSync } from "node:fs";
import { type Page } from "@playwright/test";
import type axe from "axe-core";

const source = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"); // every page reads it anew

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// The dark theme is the same page in other colours; a phone's page is laid out anew.
const looks = [
  { words: "light", width: 1440, colorScheme: "light", colours: false },
  { words: "dark", width: 1440, colorScheme: "dark", colours: true },
  { words: "on a phone", width: 390, colorScheme: "light", colours: false },
] as const;

// What the layout of a phone can break by itself; names and roles in the phone's bars are looked at on the pages.
const layout = ["target-size", "scrollable-region-focusable"];

/** What axe finds on the page that is open, in every look, and whether it is wider than its window. A canned state stands in the shell of the pages. */
export async function findings(page: Page, name: string, canned = false): Promise<string[]> {
  const found: string[] = [];
  await page.evaluate(source);
  for (const look of looks) {
    await page.setViewportSize({ width: look.width, height: 900 });
    await page.emulateMedia({ colorScheme: look.colorScheme, reducedMotion: "reduce" });
    const rules = look.colours ? ["color-contrast"] : canned && look.width < 760 ? layout : null;
    const runOnly: axe.RunOnly = rules ? { type: "rule", values: rules } : { type: "tag", values: tags };
    const { violations, over } = await page.evaluate(async (runOnly) => {
      // Colours that are still on their way from one theme to the other have no contrast to measure.
      await Promise.all(document.getAnimations().map((a) => a.finished.catch(() => undefined)));
      const { violations } = await window.axe.run(document, { runOnly, resultTypes: ["violations"] });
      const { scrollWidth, clientWidth } = document.documentElement;
      return { violations, over: scrollWidth - clientWidth };
    }, runOnly);
    for (const v of violations) {
      for (const node of v.nodes) {
        found.push(`${name}, ${look.words}: ${v.id}: ${node.target.join(" ")}: ${node.failureSummary?.replace(/\s+/g, " ")}`);
      }
    }
    if (over > 0) found.push(`${name}, ${look.words}: the page is ${over} px wider than the window`);
  }
  return found;
}

declare global {
  interface Window {
    axe: typeof axe;
  }
}
