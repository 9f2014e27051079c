import { dayOf, desk, expect, moment, Schedule, test } from "./fixtures";

test.use({ timezoneId: "America/Los_Angeles" });

test("whoever looks from another zone sees the clinic’s times, and is told so", async ({ as, api, patient }) => {
  const agent = await api();
  const [slot] = await agent.free("mole-check", 6);
  const caller = patient();
  const booked = await agent.confirm(await agent.claim(slot, "mole-check", caller));
  const page = await as(desk);
  await page.goto(dayOf(slot));
  const schedule = new Schedule(page);
  await expect(page.getByText("Times are London time, where the clinic is; your own clock shows another.")).toBeVisible();
  await expect(schedule.appointment(caller, "Booked")).toContainText(moment(slot.starts_at).time);
  await expect(schedule.grid.getByText("GMT", { exact: true })).toBeVisible();
  const clock = page.getByRole("button", { name: /Imogen Clarke/ });
  await expect(clock).toBeVisible();
  await expect(page.getByText(/^London, \d\d:\d\d$/)).toContainText(moment(new Date().toISOString()).time.slice(0, 2));
  await page.goto(`/appointments/${booked.id}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(moment(slot.starts_at).time);
});

test.describe("in the clinic’s own zone", () => {
  test.use({ timezoneId: "Europe/London" });
  test("nothing is said about zones", async ({ as }) => {
    const page = await as(desk);
    await page.goto("/schedule");
    await expect(new Schedule(page).grid).toBeVisible();
    await expect(page.getByText(/your own clock shows another/)).toBeHidden();
  });
});
