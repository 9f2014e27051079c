import { bookButton, dayAway, dayOf, desk, expect, fillBooking, moment, Schedule, test } from "./fixtures";

test("the front desk’s day: book, arrive, check in, cancel", async ({ as, api, patient }) => {
  const agent = await api();
  const [slot] = await agent.free("rhinoplasty", 4);
  const at = moment(slot.starts_at);
  const [comes, stays] = [patient(), patient()];
  const page = await as(desk);
  const schedule = new Schedule(page);

  // To the day, by its control.
  await page.goto("/schedule");
  await page.getByRole("heading", { level: 1 }).click();
  await page.getByLabel("Go to").fill(at.date);
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page).toHaveURL(new RegExp(`date=${at.date}`));

  // Book a free time.
  await schedule.free(slot).click();
  await expect(page.getByRole("heading", { level: 1, name: "Book" })).toBeVisible();
  await fillBooking(page, "rhinoplasty", comes);
  await page.getByLabel("Notes").fill("Prefers mornings");
  await bookButton(page).click();
  await expect(page.getByRole("status").filter({ hasText: `Booked ${at.words}` })).toBeVisible();
  await expect(schedule.free(slot)).toBeHidden();

  // It stands in the schedule.
  await schedule.appointment(comes, "Booked").click();
  await expect(page.getByRole("heading", { name: comes.name })).toBeVisible();
  await expect(page.getByText("Prefers mornings")).toBeVisible();
  await expect(page.getByRole("link", { name: "Cancel this appointment" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Mark as arrived" })).toHaveCount(0); // not before the day

  // Yesterday's slip is put right, step by step, and the patient goes through the day.
  await page.goto(`/schedule?date=${dayAway(-1)}&practitioner=`);
  await schedule.grid.getByRole("link", { name: /, Done\b/ }).first().click();
  for (const step of ["Back to in room", "Back to arrived", "Back to booked", "Mark as arrived", "Check in"]) {
    await page.getByRole("button", { name: step }).click();
  }
  const story = page.getByRole("complementary", { name: "What happened" }).getByRole("listitem");
  await expect(story.last()).toContainText("In room");
  await expect(story.last()).toContainText("Imogen Clarke");
  await page.getByRole("navigation", { name: "Above this page" }).getByRole("link", { name: "Schedule" }).click();
  await expect(schedule.grid.getByRole("link", { name: /, In room\b/ }).first()).toBeVisible();

  // Another cancels: the time is free again at once.
  const [later] = await agent.free("mole-check", 4);
  await page.goto(dayOf(later));
  await schedule.free(later).click();
  await fillBooking(page, "mole-check", stays);
  await bookButton(page).click();
  await schedule.appointment(stays, "Booked").click();
  await page.getByRole("link", { name: "Cancel this appointment" }).click();
  const dialog = page.getByRole("dialog", { name: /^Cancel/ });
  await dialog.getByRole("link", { name: "Keep it" }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole("link", { name: "Cancel this appointment" }).click();
  await dialog.getByLabel("Reason").selectOption({ label: "The patient asked" });
  await dialog.getByRole("button", { name: "Cancel the appointment" }).click();
  await expect(page.getByRole("status").filter({ hasText: "The time is free again." })).toBeVisible();
  await expect(schedule.grid.getByText(stays.name)).toHaveCount(0);
  await expect(schedule.free(later)).toBeVisible();
});

test("what is wrong with a booking is said beside it, and nothing typed is lost", async ({ as, api, patient, watch }) => {
  watch.expectRefusal(422);
  const [slot] = await (await api()).free("mole-check", 6);
  const somebody = patient();
  const page = await as(desk);
  await page.goto(`/appointments/new?slot=${slot.id}`);
  // What the choice of a service changes is answered late: it does not wipe out what was said since.
  let answer = () => {};
  const late = new Promise<void>((go) => (answer = go));
  await page.route(/\/appointments\/new$/, async (route) => {
    await late;
    await route.continue().catch(() => {}); // given up by then
  });
  const over = Promise.race(["requestfinished", "requestfailed"].map((event) => page.waitForEvent(event as "requestfinished", (request) => request.url().endsWith("/appointments/new"))));
  const painted = () => page.evaluate(() => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))));
  await fillBooking(page, "mole-check", { ...somebody, phone: "12" });
  await bookButton(page).click();
  await expect(page.getByRole("alert")).toContainText("Nothing you typed is lost");
  await expect(page.getByRole("alert")).toBeFocused();
  answer();
  await over;
  await painted();
  await expect(page.getByLabel("Phone")).toHaveAccessibleDescription(/phone/i);
  // Nor does what is found while typing take the focus away.
  await page.getByLabel("Patient", { exact: true }).press("End");
  const swapped = page.evaluate(() => new Promise<void>((done) => document.addEventListener("htmx:after:swap", () => setTimeout(done), { once: true })));
  await page.keyboard.type(" ");
  await swapped;
  await expect(page.getByLabel("Patient", { exact: true })).toBeFocused();
  await page.keyboard.press("Backspace");
  await expect(page.getByLabel("Patient", { exact: true })).toHaveValue(somebody.name);
  await page.getByLabel("Phone").fill(somebody.phone);
  await bookButton(page).click();
  await expect(new Schedule(page).appointment(somebody, "Booked")).toBeVisible();
});

test("a time that is claimed while the form is open: told, nothing lost, another time booked", async ({ as, api, patient, watch }) => {
  watch.expectRefusal(409);
  const agent = await api();
  const [slot] = await agent.free("septoplasty", 5);
  const somebody = patient();
  const page = await as(desk);
  await page.goto(dayOf(slot));
  await new Schedule(page).free(slot).click();
  await fillBooking(page, "septoplasty", somebody);
  await page.getByLabel("E-mail").fill("odalys@example.org");
  await page.getByLabel("Notes").fill("Asked for the first time of the day");

  await agent.claim(slot, "septoplasty", patient());
  await bookButton(page).click();
  await expect(page.getByText("was taken while you were typing.")).toBeVisible();
  await expect(page.getByLabel("Patient", { exact: true })).toHaveValue(somebody.name);
  await expect(page.getByLabel("Phone")).toHaveValue(somebody.phone);
  await expect(page.getByLabel("E-mail")).toHaveValue("odalys@example.org");
  await expect(page.getByLabel("Notes")).toHaveValue("Asked for the first time of the day");
  await expect(page.getByLabel("Service")).toHaveValue("septoplasty");

  const offered = page.getByRole("group", { name: "Book the next free time instead" }).getByRole("button");
  await expect(offered.first()).toBeVisible();
  const words = (await offered.first().innerText()).match(/\w{3} \d\d:\d\d/)?.[0];
  await offered.first().click();
  await expect(page.getByRole("status").filter({ hasText: `Booked ${words}` })).toBeVisible();
  await expect(new Schedule(page).appointment(somebody, "Booked")).toBeVisible();
});
