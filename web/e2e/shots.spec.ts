import { type Page } from "@playwright/test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { desk, test } from "./fixtures";
import { places, states } from "./pages";

const folder = join(__dirname, "shots");

async function shoot(page: Page, name: string): Promise<void> {
  for (const width of [1440, 1024, 390]) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.evaluate(() => document.fonts.ready);
      // Columns that come into view at another width are painted a moment later.
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true, animations: "disabled" });
    }
  }
}

test("every page @shots", async ({ page, as, api, patient, watch }) => {
  test.setTimeout(900_000);
  watch.expectRefusal(403, 404, 422);
  await mkdir(folder, { recursive: true });
  for (const place of await places(await api(), await as(desk), patient())) {
    const window = place.who === "" ? page : await as(place.who);
    await window.goto(place.address);
    await shoot(window, `page-${place.name}`);
    if (place.who !== "") await window.close();
  }
});

test("every canned state @shots", async ({ page, watch }) => {
  watch.expectRefusal(401); // nobody is signed in, so the schedule has no stream
  test.setTimeout(900_000);
  await mkdir(folder, { recursive: true });
  for (const address of await states(page)) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(address);
    await shoot(page, address.replace("/_states/", "state-"));
  }
});
