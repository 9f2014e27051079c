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

test("finding a patient, a series, moving and undoing without script", async ({ page, api, patient }) => {
  const agent = await api();
  const [first, ...others] = await agent.free("mole-check", 8);
  const somebody = patient();
  await agent.confirm(await agent.claim(first, "mole-check", somebody));
  await page.goto("/appointments/new");
  await page.getByLabel("E-mail").fill(desk);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();

  // The service, then a time, then who it is for.
  await page.getByRole("link", { name: /^Mole check/ }).click();
  await page.getByLabel("From").fill(moment(others[0].starts_at).date);
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByRole("link", { name: new RegExp(`^${moment(others[0].starts_at).words}\\s*, ${others[0].practitioner}`) }).first().click();
  await page.getByLabel("Patient", { exact: true }).fill(somebody.name.slice(0, 6));
  await page.getByLabel("Notes").fill("Prefers mornings");
  await page.getByRole("button", { name: "Find the patient" }).click();
  await page.getByRole("radio", { name: somebody.name }).check();
  await page.getByLabel("Repeat this appointment").check();
  await page.getByLabel("Times in all").fill("2");
  await page.getByRole("button", { name: "Show the dates" }).first().click();
  await expect(page.getByRole("list", { name: "The dates" }).getByRole("listitem")).toHaveCount(2);
  await expect(page.getByLabel("Notes")).toHaveValue("Prefers mornings");
  await expect(page.getByRole("radio", { name: somebody.name })).toBeChecked();
  await page.getByLabel("Repeat this appointment").uncheck();
  await page.getByRole("main").getByRole("button", { name: /^Book / }).click();
  await expect(page.getByRole("status").filter({ hasText: "Booked" })).toBeVisible();

  // Moved by its page, and taken back.
  const schedule = new Schedule(page);
  await page.goto(`/schedule?date=${moment(others[0].starts_at).date}&practitioner=`);
  await schedule.appointment(somebody, "Booked").last().click();
  const stood = await page.getByRole("heading", { level: 1 }).innerText();
  await page.getByRole("link", { name: "Move or change" }).click();
  await page.getByRole("button", { name: /^\w{3} \d\d:\d\d/ }).last().click();
  await expect(page.getByText("Moved from")).toBeVisible();
  await page.getByRole("button", { name: /^Undo/ }).click();
  await expect(page.getByRole("status").filter({ hasText: "It is back at" })).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(stood);
});

test("keys of a single letter are turned off", async ({ as }) => {
  const page = await as(desk);
  await page.goto("/today");
  const menu = page.locator("#me");
  for (const [press, stays] of [["Off", "On"], ["On", "Off"]]) {
    await page.locator("button.me").click();
    const group = menu.getByRole("group", { name: "Single-letter keys" });
    await group.getByRole("button", { name: press, exact: true }).click();
    await expect(page).toHaveURL(/\/today$/);
    await page.locator("button.me").click();
    await expect(group.getByRole("button", { name: press, exact: true })).toHaveAttribute("aria-pressed", "true");
    await expect(group.getByRole("button", { name: stays, exact: true })).toHaveAttribute("aria-pressed", "false");
    await page.keyboard.press("Escape");
  }
});
