import { type Page } from "@playwright/test";
import { expect, moment, password, type Patient, signIn, test } from "./fixtures";

// Wherever the sun is up: a day that is nearly over has no time left to book.
const zone = ["Europe/London", "America/New_York", "Asia/Tokyo"].find((name) => {
  const hour = Number(new Intl.DateTimeFormat("en-GB", { timeZone: name, hour: "2-digit", hourCycle: "h23" }).format(new Date()));
  return hour >= 6 && hour < 18;
}) as string;
const [boss, desk] = ["admin@newcomer.example", "frontdesk@newcomer.example"];

const list = (page: Page, name: string) => page.locator("section").filter({ has: page.getByRole("heading", { level: 2, name }) }).getByRole("listitem");
const inList = (page: Page, name: string, somebody: Patient) => list(page, name).filter({ hasText: somebody.name });

/** The settings of a clinic that has none, in the order in which each page sends on to the next. */
async function setUp(page: Page): Promise<void> {
  await page.goto("/settings/services/new");
  await page.getByLabel("Name", { exact: true }).fill("First consultation");
  await page.getByLabel("Short name").fill("first");
  await page.getByLabel("Length in minutes").fill("15");
  await page.getByRole("button", { name: "Add service" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Service added" })).toBeVisible();

  await page.goto("/settings/practitioners");
  await page.getByRole("main").getByRole("link", { name: "Add practitioner" }).first().click();
  await page.getByRole("dialog").getByLabel("Name").fill("Dr Ines Falk");
  await page.getByRole("dialog").getByRole("button", { name: "Add practitioner" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Dr Ines Falk" })).toBeVisible();
  await page.getByRole("checkbox", { name: /First consultation/ }).check();
  await page.getByRole("button", { name: "Save services" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Services saved" })).toBeVisible();

  const day = page.locator("form").filter({ has: page.getByRole("button", { name: "Set other hours" }) });
  await day.getByLabel("From", { exact: true }).fill("00:00");
  await day.getByLabel("to", { exact: true }).first().fill("23:45");
  await day.getByLabel("Date").fill(moment(new Date().toISOString(), zone).date);
  await day.getByRole("button").click();
  await expect(page.getByRole("status").filter({ hasText: "Other hours set for" })).toBeVisible();
}

test("a clinic is set up from nothing, and its first patient is taken through the day, by one click each, in every window", async ({ browser, server, watch, api, patient }) => {
  const clinic = ["--clinic", "newcomer"];
  const person = (email: string, name: string, role: string, ...more: string[]) =>
    server.operate(["users", "add", ...clinic, "--email", email, "--name", name, "--role", role, ...more], `${password}\n`);
  await person(boss, "Nora Quist", "admin", "--new-clinic", "Newcomer Clinic", "--zone", zone, "--country", "GB");
  await person(desk, "Otto Lind", "frontdesk");
  const [, key] = (await server.operate(["keys", "issue", ...clinic, "--name", "Agent"])).trim().split(" ");

  const windows: Page[] = [];
  for (const email of [desk, boss]) {
    const context = await browser.newContext();
    watch.follow(context);
    const page = await context.newPage();
    await page.goto("/sign-in");
    await signIn(page, email);
    await expect(page.getByRole("heading", { level: 1, name: "Today" })).toBeVisible();
    windows.push(page);
  }
  const [one, other] = windows;
  await setUp(other);

  const somebody = patient();
  const agent = await api(key);
  const [slot] = await agent.free("first", 0);
  await agent.confirm(await agent.claim(slot, "first", somebody));
  for (const page of windows) {
    await page.goto("/today");
    await expect(page.getByText("Live", { exact: true })).toBeVisible();
    await expect(inList(page, "Next", somebody)).toBeVisible();
  }

  await one.getByRole("button", { name: `Arrived ${somebody.name}` }).click();
  await expect(one.getByRole("status").filter({ hasText: "Marked as arrived" })).toBeVisible();
  for (const page of windows) {
    await expect(inList(page, "Here now", somebody)).toContainText("Waiting 0 min for Dr Falk");
    await expect(inList(page, "Next", somebody)).toHaveCount(0);
  }
  await other.getByRole("button", { name: `Check in ${somebody.name}` }).click();
  for (const page of windows) await expect(inList(page, "Here now", somebody)).toContainText("with Dr Falk");
  await one.getByRole("button", { name: `Done ${somebody.name}` }).click();
  for (const page of windows) await expect(inList(page, "Here now", somebody)).toHaveCount(0);
  await expect(one).toHaveURL(/\/today$/);

  await watch.settled();
  for (const page of windows) await page.context().close();
});
