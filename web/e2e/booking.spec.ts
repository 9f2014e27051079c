import { bookButton, dayOf, desk, expect, fillBooking, moment, type Patient, Schedule, type Slot, test } from "./fixtures";
import { type Page } from "@playwright/test";

const toast = (page: Page) => page.getByRole("status").filter({ has: page.getByRole("button", { name: "Dismiss" }) });

/** Books over the API, as an agent would. */
async function booked(api: { claim: Function; confirm: Function }, slot: Slot, service: string, somebody: Patient): Promise<string> {
  return (await api.confirm(await api.claim(slot, service, somebody))).id;
}

test("without a time: the service, the practitioner and the day lead to one, for somebody known who is found while typing", async ({ as, api, patient }) => {
  const agent = await api();
  const somebody = patient();
  const [first, ...others] = await agent.free("mole-check", 5);
  await booked(agent, first, "mole-check", somebody);
  const slot = others.find((other) => other.practitioner === others[0].practitioner)!;
  const page = await as(desk);

  await page.goto("/schedule");
  await page.getByRole("link", { name: "Book", exact: true }).click();
  await page.getByRole("link", { name: /^Mole check/ }).click();
  await expect(page).toHaveURL(/service=mole-check/);
  await page.getByLabel("With").selectOption({ label: slot.practitioner });
  await expect(page).toHaveURL(/practitioner=[0-9a-f-]{36}/);
  await page.getByLabel("From").fill(moment(slot.starts_at).date);
  await expect(page).toHaveURL(new RegExp(`date=${moment(slot.starts_at).date}`));
  await page.getByRole("link", { name: new RegExp(`^${moment(slot.starts_at).words}\\s*, ${slot.practitioner}`) }).first().click();
  await expect(page.getByRole("button", { name: `Book ${moment(slot.starts_at).words}` })).toBeVisible();

  // Found by a piece of the name; the chosen one stands in the field, and needs no phone.
  await page.getByLabel("Patient", { exact: true }).pressSequentially(somebody.name.slice(0, 5).toLowerCase());
  await page.getByRole("group", { name: "Patients found" }).getByRole("radio", { name: somebody.name }).check();
  await expect(page.getByLabel("Patient", { exact: true })).toHaveValue(somebody.name);
  await expect(page.getByLabel("Phone")).toBeHidden();

  // The service is changed in the middle of it: nothing is lost.
  await page.getByLabel("Notes").fill("Prefers the ground floor");
  await page.getByRole("button", { name: "Other times" }).click();
  await expect(page.getByRole("heading", { name: "Other times" })).toBeVisible();
  await page.getByRole("region", { name: "Other times" }).getByRole("button", { name: new RegExp(`^${moment(slot.starts_at).words}`) }).first().click();
  await expect(page.getByRole("heading", { name: "Other times" })).toBeHidden();
  await expect(page.getByLabel("Notes")).toHaveValue("Prefers the ground floor");
  await expect(page.getByRole("radio", { name: somebody.name })).toBeChecked();

  await bookButton(page).click();
  await expect(toast(page)).toContainText(`Booked ${moment(slot.starts_at).words}`);
  await expect(new Schedule(page).appointment(somebody, "Booked").first()).toBeVisible();
});

test("somebody who may be known already is warned of while the phone is typed; one may go on", async ({ as, api, patient }) => {
  const agent = await api();
  const somebody = patient();
  const [first, slot] = await agent.free("mole-check", 6);
  await booked(agent, first, "mole-check", somebody);
  const page = await as(desk);
  await page.goto(`/appointments/new?slot=${slot.id}&service=mole-check`);
  await page.getByLabel("Patient", { exact: true }).fill(patient().name);
  await page.getByLabel("Phone").fill(somebody.phone);
  await page.getByLabel("E-mail").click();
  const warning = page.getByRole("group", { name: /^Th(is|ese) may be somebody you know already\.$/ });
  await expect(warning).toContainText(somebody.name);
  await expect(warning).toContainText("Same phone");
  await expect(warning.getByRole("radio", { name: "Somebody new" })).toBeChecked();
  await bookButton(page).click();
  await expect(toast(page)).toContainText("Booked");
});

test("what was done is undone by its key, which is a letter where one types; a moved appointment says from where and to", async ({ as, api, patient }) => {
  const agent = await api();
  const [slot, other] = await agent.free("mole-check", 8);
  const somebody = patient();
  const page = await as(desk);
  const schedule = new Schedule(page);
  await page.goto(dayOf(slot));
  await schedule.free(slot).click();
  await fillBooking(page, "mole-check", somebody);
  await bookButton(page).click();
  await expect(schedule.appointment(somebody, "Booked")).toBeVisible();

  // The key undoes it where one is: the schedule stays, and shows what became of it.
  await expect(toast(page).getByRole("button", { name: /^Undo/ })).toBeVisible();
  await page.keyboard.press("z");
  await expect(toast(page)).toContainText("is free again.");
  await expect(schedule.free(slot)).toBeVisible();
  await expect(schedule.appointment(somebody, "Booked")).toHaveCount(0);

  // In a field it is a letter.
  const id = await booked(agent, other, "mole-check", somebody);
  await page.goto(`/appointments/${id}`);
  await page.getByText("Add a note").click();
  await page.getByLabel("Note", { exact: true }).fill("pays by card");
  await page.getByRole("button", { name: "Add the note" }).click();
  await expect(page.getByText("pays by card")).toBeVisible();
  await page.getByRole("link", { name: "Move or change" }).click();
  await page.getByRole("button", { name: /^\w{3} \d\d:\d\d/ }).first().click();
  await expect(page.getByText("Moved here")).toBeVisible();
  await page.getByText("Add a note").click();
  await page.getByLabel("Note", { exact: true }).pressSequentially("zz");
  await expect(page.getByText("Moved here")).toBeVisible();
  await page.getByRole("link", { name: /^\w{3} \d+ \w+, \d\d:\d\d with/ }).click(); // where it came from
  await expect(page.getByText("It is now on")).toBeVisible();
  await expect(page.getByText("Moved to another time")).toBeVisible();
});

test("a move is taken back by its button", async ({ as, api, patient }) => {
  const agent = await api();
  const [slot] = await agent.free("septoplasty", 8);
  const id = await booked(agent, slot, "septoplasty", patient());
  const page = await as(desk);
  await page.goto(`/appointments/${id}/move`);
  await page.getByLabel("With").selectOption("");
  await expect(page).toHaveURL(/practitioner=&/);
  await page.getByRole("button", { name: /^\w{3} \d\d:\d\d/ }).last().click();
  await expect(toast(page)).toContainText("Moved to");
  await toast(page).getByRole("button", { name: /^Undo/ }).click();
  await expect(toast(page)).toContainText(`It is back at ${moment(slot.starts_at).words}`);
  await expect(page).toHaveURL(new RegExp(`/appointments/${id}$`));
});

test("a series says before what it will skip, lists itself, and is cancelled from one on", async ({ as, api, patient }) => {
  const agent = await api();
  const [slot] = await agent.free("mole-check", 9);
  const somebody = patient();
  const page = await as(desk);
  await page.goto(`/appointments/new?slot=${slot.id}&service=mole-check`);
  await page.getByLabel("Patient", { exact: true }).fill(somebody.name);
  await page.getByLabel("Phone").fill(somebody.phone);
  await page.getByLabel("Repeat this appointment").check();
  await page.getByLabel("Times in all").fill("9");
  await page.getByRole("button", { name: "Show the dates" }).first().click();
  const dates = page.getByRole("list", { name: "The dates" }).getByRole("listitem");
  await expect(dates).toHaveCount(9);
  await expect(dates.last()).toContainText("Later than the schedule reaches");
  const free = await dates.filter({ hasText: "Free" }).count();
  await page.getByRole("button", { name: `Book ${free} of 9 dates` }).click();
  await expect(toast(page)).toContainText(`Booked ${free} of 9`);
  await new Schedule(page).appointment(somebody, "Booked").click();
  const series = page.getByRole("region", { name: "Part of a series" });
  await expect(series.getByRole("listitem")).toHaveCount(free);
  await series.getByRole("link").first().click();
  await page.getByRole("link", { name: "Cancel this appointment" }).click();
  const dialog = page.getByRole("dialog", { name: /^Cancel/ });
  await dialog.getByRole("radio", { name: /^This and those after it/ }).check();
  await dialog.getByLabel("Reason").selectOption({ label: "The patient asked" });
  await dialog.getByRole("button", { name: "Cancel the appointment" }).click();
  await expect(toast(page)).toContainText(`Cancelled ${free - 1} of the series.`);
});

test("a date of a series that is taken is booked at another time of its day", async ({ as, api, patient }) => {
  const agent = await api();
  const free = await agent.free("mole-check", 7, 60);
  const week = (iso: string) => new Date(Date.parse(iso) + 7 * 86_400_000).toISOString().slice(0, 16);
  const later = await agent.free("mole-check", 14, 60);
  const pair = free
    .map((it) => ({ first: it, taken: later.find((that) => that.practitioner === it.practitioner && that.starts_at.slice(0, 16) === week(it.starts_at)) }))
    .find((it) => it.taken && later.some((that) => that.practitioner === it.first.practitioner && moment(that.starts_at).date === moment(it.taken!.starts_at).date && that.starts_at !== it.taken!.starts_at));
  expect(pair, "two free times a week apart").toBeTruthy();
  const { first, taken } = pair!;
  await agent.confirm(await agent.claim(taken!, "mole-check", patient()));

  const somebody = patient();
  const page = await as(desk);
  await page.goto(`/appointments/new?slot=${first.id}&service=mole-check`);
  await page.getByLabel("Patient", { exact: true }).fill(somebody.name);
  await page.getByLabel("Phone").fill(somebody.phone);
  await page.getByLabel("Repeat this appointment").check();
  await page.getByLabel("Times in all").fill("2");
  await page.getByRole("button", { name: "Show the dates" }).first().click();
  const second = page.getByRole("list", { name: "The dates" }).getByRole("listitem").nth(1);
  await expect(second).toContainText("Taken");
  await second.getByRole("checkbox", { name: /^Book \d\d:\d\d that day/ }).check();
  await expect(second).toContainText(`Instead of ${moment(taken!.starts_at).time}`);
  await expect(second.getByRole("checkbox")).toBeChecked();
  await page.getByRole("button", { name: "Book all 2 dates" }).click();
  await expect(toast(page)).toContainText("Booked all 2");
});

test("a time that is taken is overbooked only by who says so, and stands marked", async ({ as, api, patient }) => {
  const agent = await api();
  const [slot] = await agent.free("mole-check", 10);
  const [there, comes] = [patient(), patient()];
  await booked(agent, slot, "mole-check", there);
  const page = await as(desk);
  await page.goto("/appointments/new?service=mole-check");
  await page.getByText("A time that is not in the list").click();
  const form = page.getByRole("group").filter({ hasText: "You may overbook." });
  await form.getByLabel("Practitioner").selectOption({ label: slot.practitioner });
  await form.getByLabel("Day").fill(moment(slot.starts_at).date);
  await form.getByLabel("Start").fill(moment(slot.starts_at).time);
  await form.getByRole("button", { name: "Look at that time" }).click();
  await expect(page.getByText(`${moment(slot.starts_at).time} is not free.`)).toBeVisible();
  await expect(page.getByText(/It will stand beside .* \(booked\)/)).toBeVisible();
  await page.getByLabel("Patient", { exact: true }).fill(comes.name);
  await page.getByLabel("Phone").fill(comes.phone);
  await page.getByRole("button", { name: `Overbook ${moment(slot.starts_at).words}` }).click();
  await expect(toast(page)).toContainText("It is overbooked.");
  await page.goto(dayOf(slot));
  await new Schedule(page).grid.getByRole("link", { name: comes.name }).click();
  await expect(page.getByText("Overbooked on purpose")).toBeVisible();
});

test("without leaving the keys: down into who was found, and Enter books", async ({ as, api, patient, watch }) => {
  watch.expectRefusal(422);
  const agent = await api();
  const somebody = patient();
  const [first, slot] = await agent.free("mole-check", 8);
  await booked(agent, first, "mole-check", somebody);
  const page = await as(desk);
  await page.goto(`/appointments/new?slot=${slot.id}&service=mole-check`);
  const field = page.getByLabel("Patient", { exact: true });

  // Enter is for what the form is for, not for the first button in it.
  await field.fill("Quince");
  await field.press("Enter");
  await expect(page.getByRole("alert")).toContainText("Nothing you typed is lost");
  await expect(page.getByRole("heading", { name: "Other times" })).toBeHidden();

  // Who types keeps the focus when what was found comes in, although the form was refused before.
  await field.fill("");
  await field.pressSequentially(somebody.name.slice(0, 5).toLowerCase());
  const found = page.getByRole("group", { name: "Patients found" }).getByRole("radio", { name: somebody.name });
  await expect(found).toBeVisible();
  await expect(field).toBeFocused();
  await field.press("ArrowDown");
  await expect(found).toBeFocused();
  await expect(found).toBeChecked();
  await expect(field).toHaveValue(somebody.name);
  await found.press("Enter");
  await expect(toast(page)).toContainText(`Booked ${moment(slot.starts_at).words}`);
});
