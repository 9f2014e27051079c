import { type Locator, type Page } from "@playwright/test";
import { join } from "node:path";
import { type Api, admin, dayOf, desk, expect, moment, otherDesk, type Patient, Schedule, type Slot, test } from "./fixtures";

/** Books a free time, and finds another that is free for the same practitioner on the same day. */
async function bookedWithRoom(agent: Api, service: string, days: number, somebody: Patient): Promise<{ slot: Slot; other: Slot; id: string }> {
  const slots = await agent.free(service, days, 60);
  const [slot] = slots;
  const day = moment(slot.starts_at).date;
  const other = slots.find((it) => it.practitioner === slot.practitioner && moment(it.starts_at).date === day && it.starts_at >= slot.ends_at);
  expect(other, "another free time on that day").toBeTruthy();
  const { id } = await agent.confirm(await agent.claim(slot, service, somebody));
  return { slot, other: other as Slot, id };
}

/** Takes something with the mouse and lets it go over something else. */
async function drag(page: Page, from: Locator, to: Locator): Promise<void> {
  // Both must be in view at once: the schedule is short where it is busy.
  await page.setViewportSize({ width: 1440, height: 1500 });
  const [a, b] = [await from.boundingBox(), await to.boundingBox()];
  if (!a || !b) throw new Error("nothing to drag");
  await page.mouse.move(a.x + 40, a.y + 6);
  await page.mouse.down();
  await page.mouse.move(a.x + 48, a.y + 16, { steps: 3 });
  await page.mouse.move(b.x + 40, b.y + 6, { steps: 6 });
  await page.mouse.up();
}

const item = (schedule: Schedule, somebody: Patient) => schedule.grid.getByRole("listitem").filter({ hasText: somebody.name });

test("an appointment is dragged to another time, and Z takes it back", async ({ as, api, patient }) => {
  const somebody = patient();
  const { slot, other } = await bookedWithRoom(await api(), "mole-check", 12, somebody);
  const page = await as(desk);
  const schedule = new Schedule(page);
  await page.goto(dayOf(slot));
  await expect(page.getByText("Live", { exact: true })).toBeVisible();

  // Escape leaves it where it is, and nothing is opened by letting go.
  await page.setViewportSize({ width: 1440, height: 1500 });
  const from = await item(schedule, somebody).boundingBox();
  await page.mouse.move(from!.x + 40, from!.y + 6);
  await page.mouse.down();
  await page.mouse.move(from!.x + 60, from!.y + 120, { steps: 5 });
  await page.keyboard.press("Escape");
  await page.mouse.up();
  await expect(page).toHaveURL(/\/schedule\?/);
  await expect(item(schedule, somebody)).toContainText(moment(slot.starts_at).time);

  await drag(page, item(schedule, somebody), schedule.free(other));
  const said = page.getByRole("status").filter({ hasText: `Moved to ${moment(other.starts_at).words}` });
  await expect(said).toBeVisible();
  await expect(item(schedule, somebody)).toContainText(moment(other.starts_at).time);
  await expect(schedule.free(slot)).toBeVisible();
  await expect(page).toHaveURL(/\/schedule\?/);

  await page.keyboard.press("z");
  await expect(item(schedule, somebody)).toContainText(moment(slot.starts_at).time);
  await expect(schedule.free(other)).toBeVisible();
});

test("a drop on a time that was taken meanwhile: told, nothing moved, another time at one press", async ({ as, api, patient, watch }) => {
  watch.expectRefusal(409);
  const agent = await api();
  const [somebody, quicker] = [patient(), patient()];
  const { slot, other } = await bookedWithRoom(agent, "septoplasty", 13, somebody);
  const page = await as(desk);
  const schedule = new Schedule(page);
  // This window hears of nothing: its grid is as it was opened. A request that is under way already could still bring a newer one.
  let heard = false;
  await page.route(/\/schedule\/grid/, (route) => (heard ? route.continue() : route.fulfill({ status: 204 })));
  await page.goto(dayOf(slot));
  await expect(schedule.free(other)).toBeVisible();
  await agent.confirm(await agent.claim(other, "septoplasty", quicker));
  await drag(page, item(schedule, somebody), schedule.free(other));
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("heading")).toContainText(moment(other.starts_at).time);
  await expect(dialog).toContainText("Nothing was moved");
  await expect(dialog).not.toContainText(quicker.name);
  heard = true;
  const next = dialog.getByRole("group", { name: "The next free times" }).getByRole("button").first();
  const words = (await next.innerText()).match(/\w{3} \d\d:\d\d/)?.[0];
  await next.click();
  await expect(page.getByRole("status").filter({ hasText: `Moved to ${words}` })).toBeVisible();
  await expect(dialog).toBeHidden();
});

test("the menu of an appointment offers what is legal, and cancels in place", async ({ as, api, patient }) => {
  const somebody = patient();
  const { slot } = await bookedWithRoom(await api(), "mole-check", 14, somebody);
  const page = await as(desk);
  const schedule = new Schedule(page);
  await page.goto(dayOf(slot));
  const menu = page.locator("#block-menu");
  await item(schedule, somebody).click({ button: "right" });
  await expect(menu.getByRole("link", { name: "Open" })).toBeFocused();
  await expect(menu.getByRole("button", { name: "Move…" })).toBeVisible();
  // It is on a later day: nobody has come yet, and nobody has failed to.
  for (const name of ["Mark as arrived", "Check in", "Done", "No-show", "Release"]) await expect(menu.getByRole("button", { name, exact: true })).toBeHidden();
  await page.keyboard.press("Escape");
  await expect(schedule.appointment(somebody, "Booked")).toBeFocused();

  // The same from its button, by keyboard.
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: /^Actions for/ })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(menu).toBeVisible();
  await menu.getByRole("button", { name: "Cancel…" }).click();
  const dialog = page.getByRole("dialog", { name: /^Cancel/ });
  await dialog.getByLabel("Reason").selectOption({ label: "The patient asked" });
  await dialog.getByRole("button", { name: "Cancel the appointment" }).click();
  await expect(item(schedule, somebody)).toHaveCount(0);
  await expect(schedule.free(slot)).toBeVisible();
  await expect(page).toHaveURL(/\/schedule\?/);
});

test("a finger drags after a long press, and scrolls without one", async ({ as, api, patient }) => {
  const somebody = patient();
  const { slot, other } = await bookedWithRoom(await api(), "mole-check", 13, somebody);
  const page = await as(desk);
  const schedule = new Schedule(page);
  await page.goto(dayOf(slot));
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  const browser = await page.context().newCDPSession(page);
  await browser.send("Emulation.setTouchEmulationEnabled", { enabled: true });
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", at?: { x: number; y: number }) =>
    browser.send("Input.dispatchTouchEvent", { type, touchPoints: at ? [at] : [] });
  const grip = async (where: Locator) => {
    const box = await where.boundingBox();
    return { x: box!.x + 40, y: box!.y + 6 };
  };
  const glide = async (from: { x: number; y: number }, to: { x: number; y: number }) => {
    for (let i = 1; i <= 10; i++) await touch("touchMove", { x: from.x + ((to.x - from.x) * i) / 10, y: from.y + ((to.y - from.y) * i) / 10 });
  };
  const ghost = page.locator(".ghost");

  // Without waiting the finger scrolls, and what it was on stays where it is.
  await page.setViewportSize({ width: 1440, height: 600 });
  await item(schedule, somebody).scrollIntoViewIfNeeded();
  const before = await schedule.grid.evaluate((it) => it.scrollTop);
  const start = await grip(item(schedule, somebody));
  await touch("touchStart", start);
  await glide(start, { x: start.x, y: start.y + (before > 150 ? 150 : -150) });
  await touch("touchEnd");
  await expect.poll(() => schedule.grid.evaluate((it) => it.scrollTop)).not.toBe(before);
  await expect(ghost).toHaveCount(0);
  await expect(page).toHaveURL(/\/schedule\?/);

  // After a long press it drags; the menu of the browser stays away.
  await page.setViewportSize({ width: 1440, height: 1500 });
  const from = await grip(item(schedule, somebody));
  await touch("touchStart", from);
  await expect(ghost).toBeVisible();
  await glide(from, await grip(schedule.free(other)));
  await touch("touchEnd");
  await expect(page.getByRole("status").filter({ hasText: `Moved to ${moment(other.starts_at).words}` })).toBeVisible();
  await expect(item(schedule, somebody)).toContainText(moment(other.starts_at).time);
  await expect(schedule.free(slot)).toBeVisible();
  await expect(page).toHaveURL(/\/schedule\?/);
});

test("filters are in the address, can be cleared one by one, and leave taken time taken", async ({ as, api, patient }) => {
  const somebody = patient();
  const { slot, id } = await bookedWithRoom(await api(), "septoplasty", 15, somebody);
  const page = await as(desk);
  const schedule = new Schedule(page);
  await page.goto(dayOf(slot));
  const room = (await schedule.column(slot.practitioner).getByText(/^Room \d/).innerText()).split(",")[0];
  await page.getByLabel("Room").selectOption({ label: room });
  await expect(page).toHaveURL(/[?&]room=room-\d/);
  await expect(schedule.grid.locator("section")).toHaveCount(1);
  await page.getByRole("link", { name: "Next day" }).click();
  await expect(page).not.toHaveURL(new RegExp(`date=${moment(slot.starts_at).date}`));
  await expect(page).toHaveURL(/room=room-\d/);
  await page.getByRole("link", { name: "Previous day" }).click();
  await expect(page).toHaveURL(new RegExp(`date=${moment(slot.starts_at).date}`));
  await page.waitForLoadState();
  await page.getByLabel("Service").selectOption("mole-check");
  await expect(page).toHaveURL(/service=mole-check/);
  await expect(schedule.appointment(somebody, "Booked")).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Room")).toHaveValue(/room-\d/);
  await expect(page.getByLabel("Service")).toHaveValue("mole-check");
  await page.getByRole("link", { name: "Clear Room" }).click();
  await expect(page).not.toHaveURL(/room=/);
  await expect(page).toHaveURL(/service=mole-check/);
  await expect(schedule.grid.locator("section")).not.toHaveCount(1);

  // A link to one appointment shows which.
  await page.goto(`${dayOf(slot)}#a-${id}`);
  await expect(schedule.appointment(somebody, "Booked")).toBeInViewport();
  expect(await item(schedule, somebody).evaluate((it) => it.matches(":target"))).toBe(true);
});

test("keys leaf through days and views, and are listed", async ({ as }) => {
  const page = await as(admin);
  await page.goto("/schedule?date=2026-12-01");
  const heading = page.getByRole("heading", { level: 1 });
  await page.keyboard.press("PageDown");
  await expect(heading).toHaveText("Wed 2 December 2026");
  await page.keyboard.press("PageUp");
  await expect(heading).toHaveText("Tue 1 December 2026");
  await page.keyboard.press("w");
  await expect(heading).toContainText("December 2026");
  await expect(page).toHaveURL(/view=week/);
  await page.keyboard.press("d");
  await expect(heading).toHaveText("Tue 1 December 2026");
  const list = page.getByRole("dialog", { name: "Keys on the schedule" });
  await page.getByRole("button", { name: "Keys", exact: true }).click();
  await list.getByRole("button", { name: "Close" }).click();
  await page.keyboard.press("?");
  await expect(list).toContainText("Move the appointment");
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.keyboard.press("w"); // while it is open, keys are for it
  await page.keyboard.press("Escape");
  await expect(list).toBeHidden();
  await page.keyboard.press("p");
  await expect(page.getByRole("heading", { level: 1, name: "Day sheet" })).toBeVisible();
  expect(asked.filter((url) => url.includes("view=week"))).toEqual([]);
});

test("keys of a single letter can be turned off, and on again", async ({ as }) => {
  const page = await as(admin);
  await page.goto("/schedule?date=2026-12-01");
  const list = page.getByRole("dialog", { name: "Keys on the schedule" });
  const keys = page.getByRole("button", { name: "Keys", exact: true });
  const heading = page.getByRole("heading", { level: 1 });
  await keys.click();
  await expect(list.getByRole("button", { name: "On", exact: true })).toHaveAttribute("aria-pressed", "true");
  const choose = (name: string) => Promise.all([page.waitForEvent("load"), list.getByRole("button", { name, exact: true }).click()]); // keys are heard once the page is there again
  await choose("Off");
  await expect(list).toBeHidden();
  await expect(page).toHaveURL(/date=2026-12-01/);
  await page.keyboard.press("?");
  await page.keyboard.press("w");
  await page.keyboard.press("PageDown"); // no letter: it works, after the others did nothing
  await expect(heading).toHaveText("Wed 2 December 2026");
  await expect(list).toBeHidden();
  await keys.click();
  await choose("On");
  await expect(list).toBeHidden();
  await page.keyboard.press("w");
  await expect(page).toHaveURL(/view=week/);
});

test("on a phone a tab goes to a practitioner", async ({ as, api }) => {
  const [slot] = await (await api()).free("mole-check", 16);
  const page = await as(desk);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(dayOf(slot));
  const tabs = page.getByRole("navigation", { name: "Practitioners" }).getByRole("link");
  await expect(tabs.first()).toHaveAttribute("aria-current", "true");
  const short = slot.practitioner.split(" ").at(-1) as string;
  const tab = tabs.filter({ hasText: short });
  await tab.click();
  await expect(tab).toHaveAttribute("aria-current", "true");
  await expect(new Schedule(page).column(slot.practitioner).getByRole("heading")).toBeInViewport({ ratio: 0.9 });
  expect((await tab.boundingBox())!.height).toBeGreaterThanOrEqual(44);
});

test("a drop means the clinic’s time on the days when clocks change", async ({ as }) => {
  const cases = {
    [desk]: { "2026-03-29 00:30": "2026-03-29T00:30:00Z", "2026-03-29 09:00": "2026-03-29T08:00:00Z", "2026-10-25 00:30": "2026-10-24T23:30:00Z", "2026-10-25 09:00": "2026-10-25T09:00:00Z", "2026-07-01 09:00": "2026-07-01T08:00:00Z" },
    [otherDesk]: { "2026-03-08 01:30": "2026-03-08T06:30:00Z", "2026-03-08 09:00": "2026-03-08T13:00:00Z", "2026-11-01 09:00": "2026-11-01T14:00:00Z", "2026-10-31 09:00": "2026-10-31T13:00:00Z" },
  };
  for (const [who, times] of Object.entries(cases)) {
    const page = await as(who);
    await page.route("**/instant.js", (route) => route.fulfill({ path: join(__dirname, "../../static/js/instant.js") }));
    await page.goto("/schedule");
    const meant = await page.evaluate(async (walls) => {
      const { instant } = await import(`${location.origin}/instant.js`);
      return walls.map((wall) => {
        const [day, time] = wall.split(" ");
        const [hours, minutes] = time.split(":").map(Number);
        return instant(day, hours * 60 + minutes);
      });
    }, Object.keys(times));
    expect(meant).toEqual(Object.values(times));
  }
});
