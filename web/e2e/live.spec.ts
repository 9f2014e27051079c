import { dayOf, desk, admin, expect, bookButton, fillBooking, moment, Schedule, test } from "./fixtures";

// What happens elsewhere shows on an open schedule within a second.
const soon = { timeout: 1000 };

test("holds and bookings appear on every open schedule by themselves", async ({ as, api, patient }) => {
  const agent = await api();
  const [slot] = await agent.free("rhinoplasty", 8);
  const caller = { name: patient().name, phone: "+447700900418" };
  const pages = [await as(desk), await as(admin)];
  const schedules = pages.map((page) => new Schedule(page));
  for (const [i, page] of pages.entries()) {
    const connected = page.waitForResponse(/\/schedule\/events/);
    await page.goto(dayOf(slot));
    await connected;
    await expect(schedules[i].free(slot)).toBeVisible();
  }

  const hold = await agent.claim(slot, "rhinoplasty", caller);
  await Promise.all(schedules.map((schedule) => expect(schedule.held(slot)).toBeVisible(soon)));
  for (const schedule of schedules) {
    const held = schedule.held(slot);
    await expect(held).toContainText("418");
    await expect(held).not.toContainText("7700");
    await expect(held).not.toContainText(caller.name);
    await expect(held.getByText(/^1:\d\d$/)).toBeVisible();
    await expect(schedule.free(slot)).toHaveCount(0);
  }

  await agent.confirm(hold);
  await Promise.all(schedules.map((schedule) => expect(schedule.appointment(caller, "Booked")).toBeVisible(soon)));
  for (const schedule of schedules) await expect(schedule.held(slot)).toHaveCount(0);
});

test("a schedule whose scripts come late follows changes all the same", async ({ as, api, patient }) => {
  const agent = await api();
  const [slot] = await agent.free("rhinoplasty", 10);
  const page = await as(desk);
  const stream = page.waitForRequest(/\/schedule\/events/);
  await page.route(/\/static\/js\/(?!vendor\/)/, async (route) => {
    await stream;
    await route.continue();
  });
  await page.goto(dayOf(slot));
  await agent.claim(slot, "rhinoplasty", patient());
  await expect(new Schedule(page).held(slot)).toBeVisible();
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
