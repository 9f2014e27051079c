import AxeBuilder from "@axe-core/playwright";
import { type Page } from "@playwright/test";
import { desk, expect, test } from "./fixtures";
import { places, states } from "./pages";

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const looks = [
  { words: "light", width: 1440, colorScheme: "light" },
  { words: "dark", width: 1440, colorScheme: "dark" },
  { words: "on a phone", width: 390, colorScheme: "light" },
  { words: "on a phone, dark", width: 390, colorScheme: "dark" },
] as const;

/** What axe finds on the page that is open, in every look. */
async function findings(page: Page, name: string): Promise<string[]> {
  const found: string[] = [];
  for (const look of looks) {
    await page.setViewportSize({ width: look.width, height: 900 });
    await page.emulateMedia({ colorScheme: look.colorScheme, reducedMotion: "reduce" });
    // Colours that are still on their way from one theme to the other have no contrast to measure.
    await page.evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished.catch(() => undefined))));
    const { violations } = await new AxeBuilder({ page }).withTags(tags).setLegacyMode(true).analyze();
    for (const v of violations) {
      for (const node of v.nodes) found.push(`${name}, ${look.words}: ${v.id}: ${node.target.join(" ")}: ${node.failureSummary?.replace(/\s+/g, " ")}`);
    }
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (over > 0) found.push(`${name}, ${look.words}: the page is ${over} px wider than the window`);
  }
  return found;
}

test("axe finds nothing on any page", async ({ page, as, api, patient, watch }) => {
  test.setTimeout(600_000);
  watch.expectRefusal(403, 404, 422);
  const front = await as(desk);
  const found: string[] = [];
  for (const place of await places(await api(), front, patient())) {
    const window = place.who === "" ? page : await as(place.who);
    const answer = await window.goto(place.address);
    expect(answer?.status(), place.address).toBe(place.status ?? 200);
    found.push(...(await findings(window, place.name)));
    if (place.who !== "") await window.close();
  }

  // What only appears when something is done.
  await front.setViewportSize({ width: 1440, height: 900 });
  await front.goto("/schedule");
  await front.getByRole("heading", { level: 1 }).click();
  found.push(...(await findings(front, "schedule, choosing a date")));
  await front.goto("/sessions");
  await front.getByRole("button", { name: /Imogen Clarke/ }).click();
  found.push(...(await findings(front, "the person’s menu")));
  expect(found).toEqual([]);
});

test("axe finds nothing in any canned state", async ({ page }) => {
  test.setTimeout(900_000);
  const found: string[] = [];
  for (const address of await states(page)) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(address);
    found.push(...(await findings(page, address)));
  }
  expect(found).toEqual([]);
});
