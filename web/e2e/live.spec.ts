import { type Page } from "@playwright/test";
import { dayOf, desk, admin, expect, bookButton, fillBooking, moment, Schedule, test } from "./fixtures";

/** When the page shows something that says all these words, by the page itself: asking it again and again would be too coarse. */
function shows(page: Page, ...words: string[]): Promise<number> {
  return page.evaluate(
    (words) =>
      new Promise<number>((found) => {
        const look = () => {
          const items = [...document.querySelectorAll("#schedule-grid li")];
          if (items.some((item) => words.every((word) => item.textContent?.includes(word)))) found(Date.now());
        };
        new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
        look();
      }),
    words,
  );
}

/** What the page says while its stream stands. */
const live = (page: Page) => page.getByText("Live", { exact: true });

test("holds and bookings appear on every open schedule by themselves", async ({ as, api, patient }) => {
  const agent = await api();
  const [slot] = await agent.free("rhinoplasty", 8);
  const caller = { name: patient().name, phone: "+447700900418" };
  const pages = [await as(desk), await as(admin)];
  const schedules = pages.map((page) => new Schedule(page));
  for (const [i, page] of pages.entries()) {
    await page.goto(dayOf(slot));
    await expect(live(page)).toBeVisible();
    await expect(schedules[i].free(slot)).toBeVisible();
  }

  const holds = pages.map((page) => shows(page, `${moment(slot.starts_at).words}, `, "Held", "418"));
  const hold = await agent.claim(slot, "rhinoplasty", caller);
  const claimed = Date.now();
  for (const seen of holds) expect((await seen) - claimed, "milliseconds until the hold is seen").toBeLessThan(1000);
  for (const schedule of schedules) await expect(schedule.held(slot)).toBeVisible();
  for (const schedule of schedules) {
    const held = schedule.held(slot);
    await expect(held).toContainText("418");
    await expect(held).not.toContainText("7700");
    await expect(held).not.toContainText(caller.name);
    await expect(held.getByText(/^1:\d\d$/)).toBeVisible();
    await expect(schedule.free(slot)).toHaveCount(0);
  }

  const bookings = pages.map((page) => shows(page, caller.name, "Booked"));
  await agent.confirm(hold);
  const confirmed = Date.now();
  for (const seen of bookings) expect((await seen) - confirmed, "milliseconds until the booking is seen").toBeLessThan(1000);
  for (const schedule of schedules) {
    await expect(schedule.appointment(caller, "Booked")).toBeVisible();
    await expect(schedule.held(slot)).toHaveCount(0);
  }
});

test("a schedule whose scripts come late follows changes all the same", async ({ as, api, patient }) => {
  const agent = await api();
  const [slot] = await agent.free("rhinoplasty", 10);
  const page = await as(desk);
  let claimed: () => void;
  const claim = new Promise<void>((done) => (claimed = done));
  await page.route(/\/static\/js\/(?!vendor\/)/, async (route) => {
    await claim;
    await route.continue();
  });
  await page.goto(dayOf(slot), { waitUntil: "commit" });
  await expect(new Schedule(page).free(slot)).toBeVisible();
  await expect(live(page)).toBeHidden();
  await agent.claim(slot, "rhinoplasty", patient());
  claimed!();
  await expect(new Schedule(page).held(slot)).toBeVisible();
});

test("twelve windows of one browser share a stream, and none waits for a connection", async ({ as, api, patient }) => {
  const agent = await api();
  const [slot] = await agent.free("rhinoplasty", 11);
  const first = await as(desk);
  const windows = [first];
  while (windows.length < 12) windows.push(await first.context().newPage());
  for (const page of windows) {
    await page.goto(dayOf(slot));
    await expect(live(page)).toBeVisible();
  }
  await agent.claim(slot, "rhinoplasty", patient());
  for (const page of windows) await expect(new Schedule(page).held(slot)).toBeVisible();
  // The one that opened the stream goes; the others keep it.
  await first.close();
  const [other] = await agent.free("mole-check", 11);
  await windows[1].goto(dayOf(other));
  await expect(live(windows[1])).toBeVisible();
  await agent.claim(other, "mole-check", patient());
  await expect(new Schedule(windows[1]).held(other)).toBeVisible();
});

test("a hold that runs out is gone by itself", async ({ as, api, patient }) => {
  const agent = await api();
  const [slot] = await agent.free("rhinoplasty", 9);
  const page = await as(desk);
  const schedule = new Schedule(page);
  await page.goto(dayOf(slot));
  await agent.claim(slot, "rhinoplasty", patient(), 2);
  await expect(schedule.held(slot)).toBeVisible();
  await expect(schedule.held(slot)).toBeHidden();
  await expect(schedule.free(slot)).toBeVisible();
});

test("the front desk releases one hold and takes over another", async ({ as, api, patient }) => {
  const agent = await api();
  const [first] = await agent.free("liposuction", 8);
  const caller = { ...patient(), phone: "+447700900526" };
  const page = await as(desk);
  const schedule = new Schedule(page);
  await agent.claim(first, "liposuction", caller);
  await page.goto(dayOf(first));
  const address = page.url();
  await schedule.held(first).getByRole("button", { name: "Release" }).click();
  await expect(schedule.held(first)).toBeHidden();
  await expect(schedule.free(first)).toBeVisible();
  expect(page.url()).toBe(address);

  const hold = await agent.claim(first, "liposuction", caller);
  await schedule.held(first).getByRole("button", { name: "Take over" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Book" })).toBeVisible();
  await expect(page.getByLabel("Patient", { exact: true })).toHaveValue(caller.name);
  await expect(page.getByText(moment(first.starts_at).time, { exact: false }).first()).toBeVisible();
  // The agent is told that it is too late.
  const answer = await agent.request.post(`/api/holds/${hold.id}/confirm`, { data: {} });
  expect(answer.status()).toBe(410);
  await bookButton(page).click();
  await expect(schedule.appointment(caller, "Booked")).toBeVisible();
});
