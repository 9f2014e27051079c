import { bookButton, desk, expect, fillBooking, moment, password, Schedule, test } from "./fixtures";

test.use({ javaScriptEnabled: false });

test("everything can be done without script", async ({ page, api, patient }) => {
  const [slot] = await (await api()).free("mole-check", 7);
  const at = moment(slot.starts_at);
  const somebody = patient();
  const schedule = new Schedule(page);

  await page.goto("/schedule");
  await page.getByLabel("E-mail").fill(desk);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();

  await page.getByRole("heading", { level: 1 }).click();
  await page.getByLabel("Go to").fill(at.date);
  await page.getByRole("button", { name: "Show" }).first().click();
  await schedule.free(slot).click();
  await fillBooking(page, "mole-check", somebody);
  await bookButton(page).click();
  await expect(schedule.appointment(somebody, "Booked")).toBeVisible();

  await page.getByRole("link", { name: "Patients" }).click();
  await page.getByLabel("Name, phone or e-mail").fill(somebody.name);
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page).toHaveURL(/\/patients(\/search)?$/);
  await page.getByRole("link", { name: somebody.name }).click();
  await expect(page.getByRole("heading", { level: 1, name: somebody.name })).toBeVisible();

  await page.getByRole("table").getByRole("link").first().click();
  await page.getByRole("link", { name: "Cancel this appointment" }).click();
  await page.getByLabel("Reason").selectOption({ label: "The patient asked" });
  await page.getByRole("button", { name: "Cancel the appointment" }).click();
  await expect(schedule.free(slot)).toBeVisible();
  await expect(schedule.grid.getByText(somebody.name)).toHaveCount(0);

  await page.getByRole("button", { name: "Imogen Clarke" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
});
