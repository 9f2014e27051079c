import { type Page } from "@playwright/test";
import { desk, expect, moment, password, dayOf, Schedule, test } from "./fixtures";

/** Presses Tab until what has the focus fits, and fails if the focus cannot be seen on the way. */
async function tabTo(page: Page, name: RegExp, most = 60): Promise<void> {
  const passed: string[] = [];
  for (let i = 0; i < most; i++) {
    await page.keyboard.press("Tab");
    const at = await focused(page);
    expect(at.visible, `the focus on “${at.name}” can be seen`).toBe(true);
    if (name.test(at.name)) return;
    passed.push(at.name);
  }
  throw new Error(`Tab did not come to ${name}; it passed ${passed.join(", ")}`);
}

/** What has the focus: what it is called, and whether one sees that it has it. */
function focused(page: Page) {
  return page.evaluate(() => {
    const it = document.activeElement as HTMLElement;
    const label = (it as HTMLInputElement).labels?.[0]?.textContent;
    // A field inside its label may have the label's outline.
    const outlined = [it, it.closest("label")].some((place) => {
      const style = place && getComputedStyle(place);
      return style && style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) >= 2;
    });
    return {
      name: (it.ariaLabel ?? label ?? it.textContent ?? "").replace(/\s+/g, " ").trim(),
      visible: outlined,
    };
  });
}

test("a day without a pointer: sign in, walk the schedule, book", async ({ page, api, patient }) => {
  const slots = await (await api()).free("mole-check", 10, 60);
  const [slot] = slots;
  const somebody = patient();
  await page.goto("/sign-in?next=" + encodeURIComponent(dayOf(slot)));
  await expect(page.getByLabel("E-mail")).toBeFocused();
  await page.keyboard.type(desk);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");

  const schedule = new Schedule(page);
  await expect(schedule.grid).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the page" })).toBeFocused();
  await page.keyboard.press("Enter");
  await tabTo(page, /^Schedule, /);
  await page.keyboard.press("ArrowDown");
  await expect(schedule.grid.getByRole("link").and(page.locator(":focus"))).toBeVisible();

  // Left and right walk between the practitioners, up and down through a day.
  const target = schedule.free(slot);
  const columns = await schedule.grid.locator("section").count();
  const isThere = () => target.evaluate((link) => link === document.activeElement);
  const inColumn = () => schedule.column(slot.practitioner).evaluate((column) => column.contains(document.activeElement));
  for (let i = 0; i < columns && !(await inColumn()); i++) await page.keyboard.press("ArrowLeft");
  for (let i = 0; i < columns && !(await inColumn()); i++) await page.keyboard.press("ArrowRight");
  expect(await inColumn()).toBe(true);
  await page.keyboard.press("Home");
  for (let i = 0; i < 60 && !(await isThere()); i++) {
    await page.keyboard.press("ArrowDown");
    expect((await focused(page)).visible).toBe(true);
  }
  await expect(target).toBeFocused();
  expect((await focused(page)).name).toMatch(new RegExp(`^${moment(slot.starts_at).words}, .*, free `));
  await page.keyboard.press("Enter");

  await expect(page.getByRole("heading", { level: 1, name: "Book" })).toBeVisible();
  await expect(page.getByLabel("Patient", { exact: true })).toBeFocused();
  await page.keyboard.type(somebody.name);
  await page.keyboard.press("Tab");
  await page.keyboard.type(somebody.phone);
  for (const back of ["Patient", "Repeat this appointment", "Start", "Service"]) {
    await page.keyboard.press("Shift+Tab");
    await expect(page.getByLabel(back, { exact: true })).toBeFocused();
  }
  await page.keyboard.type("Mole");
  await expect(page.getByLabel("Service")).toHaveValue("mole-check");
  for (const on of ["Start", "Repeat this appointment", "Patient"]) {
    await page.keyboard.press("Tab");
    await expect(page.getByLabel(on, { exact: true })).toBeFocused();
  }
  await page.keyboard.press("Enter");
  await expect(schedule.appointment(somebody, "Booked")).toBeVisible();

  // The appointment is reached and cancelled the same way; Escape leaves the dialog.
  await schedule.appointment(somebody, "Booked").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: somebody.name })).toBeVisible();
  await tabTo(page, /^Cancel this appointment/);
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: /^Cancel/ });
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("link", { name: "Cancel this appointment" })).toBeFocused();
});

test("an appointment is moved without a pointer, and every step is said", async ({ as, api, patient }) => {
  const agent = await api();
  const somebody = patient();
  const slots = await agent.free("mole-check", 17, 60);
  const [slot] = slots;
  const day = moment(slot.starts_at).date;
  const other = slots.find((it) => it.practitioner === slot.practitioner && moment(it.starts_at).date === day && it.starts_at > slot.ends_at)!;
  await agent.confirm(await agent.claim(slot, "mole-check", somebody));
  const page = await as(desk);
  const schedule = new Schedule(page);
  await page.goto(dayOf(slot));
  await schedule.appointment(somebody, "Booked").focus();
  const said = page.locator("#said");

  await page.keyboard.press("m");
  await expect(said).toContainText("Arrow keys choose the time, Enter moves it, Escape leaves it where it is.");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Escape");
  await expect(said).toHaveText("Not moved.");
  await expect(schedule.appointment(somebody, "Booked")).toBeFocused();

  await page.keyboard.press("m");
  const there = new RegExp(`^${moment(other.starts_at).words}, .*, free$`);
  for (let i = 0; i < 60 && !there.test(await said.innerText()); i++) await page.keyboard.press("ArrowDown");
  await expect(said).toHaveText(there);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("status").filter({ hasText: `Moved to ${moment(other.starts_at).words}` })).toBeVisible();
  const moved = schedule.appointment(somebody, "Booked");
  await expect(moved).toContainText(moment(other.starts_at).time);
  await expect(moved).toBeFocused();
  await page.keyboard.press("z");
  await expect(schedule.appointment(somebody, "Booked")).toContainText(moment(slot.starts_at).time);
});
