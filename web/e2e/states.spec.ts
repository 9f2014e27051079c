import { findings } from "./axe";
import { expect, test } from "./fixtures";
import { states } from "./pages";

test("axe finds nothing in any canned state", async ({ page, watch }) => {
  watch.expectRefusal(401); // nobody is signed in, so the schedule has no stream
  test.setTimeout(900_000);
  const found: string[] = [];
  for (const address of await states(page)) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(address);
    found.push(...(await findings(page, address, true)));
  }
  expect(found).toEqual([]);
});
