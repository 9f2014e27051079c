import { findings } from "./axe";
import { expect, test } from "./fixtures";
import { states } from "./pages";

test.describe.configure({ mode: "parallel" }); // there are hundreds: the workers share them

const parts = 6;
for (let part = 0; part < parts; part++) {
  test(`axe finds nothing in any canned state (${part + 1} of ${parts})`, async ({ page, watch }) => {
    watch.expectRefusal(401); // nobody is signed in, so the schedule has no stream
    test.setTimeout(600_000);
    const found: string[] = [];
    for (const address of (await states(page)).filter((_, i) => i % parts === part)) {
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.goto(address);
      found.push(...(await findings(page, address, true)));
    }
    expect(found).toEqual([]);
  });
}
