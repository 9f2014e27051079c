import { findings } from "./axe";
import { desk, expect, test } from "./fixtures";
import { places } from "./pages";
import { budget, Scale } from "./weight";

test("axe finds nothing on any page, and none is too heavy", async ({ page, as, api, patient, watch }) => {
  test.setTimeout(600_000);
  watch.expectRefusal(403, 404, 422);
  const front = await as(desk);
  const found: string[] = [];
  const scale = new Scale();
  for (const place of await places(await api(), front, patient())) {
    const window = place.who === "" ? page : await as(place.who);
    const { status, bytes } = await scale.open(window, place.address);
    expect(status, place.address).toBe(place.status ?? 200);
    if (bytes > budget) found.push(`${place.name}: ${bytes} bytes of style and script`);
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
