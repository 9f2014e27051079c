import { type Page } from "@playwright/test";
import { findings } from "./axe";
import { clinician, compliance, desk, expect, test } from "./fixtures";

const found = (page: Page) => page.getByRole("region", { name: "Found" });
const field = (page: Page) => page.getByRole("searchbox", { name: "Name, phone" });

/** Adds a patient on the page and ends on the record. */
async function add(page: Page, who: { name: string; phone: string; born?: string }): Promise<string> {
  await page.goto("/patients/new");
  await page.getByLabel("Name").fill(who.name);
  await page.getByLabel("Phone").fill(who.phone);
  if (who.born) await page.getByLabel("Date of birth").fill(who.born);
  await page.getByRole("button", { name: "Add patient" }).click();
  const added = page.getByRole("heading", { level: 1, name: who.name });
  const anyway = page.getByRole("button", { name: "Add as a new patient anyway" }); // the demo has many numbers
  await expect(added.or(anyway)).toBeVisible();
  if (await anyway.isVisible()) await anyway.click();
  await expect(added).toBeVisible();
  return new URL(page.url()).pathname;
}

test("a patient is added, found as one types, opened by keyboard, and changed", async ({ as, patient, watch }) => {
  watch.expectRefusal(409, 422);
  const page = await as(desk);
  const somebody = patient();
  const record = await add(page, { ...somebody, born: "1985-04-03" });

  // Every part finds, in any order, while it is being typed.
  await page.goto("/patients");
  await expect(field(page)).toBeFocused();
  await expect(found(page).getByRole("heading", { name: "You opened these last" })).toBeVisible();
  const hit = found(page).getByRole("link", { name: somebody.name });
  const [first, last] = somebody.name.toLowerCase().split(" ");
  for (const typed of [`${last.slice(0, 5)} ${first.slice(0, 5)}`, somebody.phone, `${first} ${somebody.phone.slice(-3)}`, `${last} 1985`, `${first} 3/4/85`]) {
    await field(page).fill(typed);
    await expect(found(page).getByText(/^1 patient$/).last(), typed).toBeVisible();
    await expect(hit).toBeVisible();
  }
  await expect(found(page).getByText(somebody.phone)).toHaveCount(0); // masked, in a list
  await field(page).fill(`${first} 1986`);
  await expect(found(page).getByRole("heading", { name: "Nobody found" })).toBeVisible();
  await field(page).fill(somebody.name);
  await expect(hit).toBeVisible();
  await expect(page).toHaveURL(/\/patients$/);

  // Down into the list, a letter goes on typing, Enter opens.
  await page.keyboard.press("ArrowDown");
  await expect(hit).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await expect(field(page)).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`${record}$`));
  await expect(page.getByRole("region", { name: "Who it is" }).getByText(/^3 Apr 1985/)).toBeVisible();

  // What is wrong is said beside the field; nothing typed is lost.
  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByLabel("Phone").fill("12");
  await page.getByLabel("Good to know").fill("Prefers the ground floor.");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("alert")).toContainText("Nothing you typed is lost");
  await expect(page.getByLabel("Good to know")).toHaveValue("Prefers the ground floor.");
  await page.getByLabel("Phone").fill("07700 900999");

  // Somebody else saves first.
  const other = await page.context().newPage();
  await other.goto(`${record}/edit`);
  await other.getByLabel("E-mail").fill("other@example.org");
  await other.getByRole("button", { name: "Save" }).click();
  await expect(other.getByRole("link", { name: "Edit" })).toBeVisible();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Somebody else changed this record while you were typing.")).toBeVisible();
  await expect(page.getByText("Saved meanwhile: other@example.org")).toBeVisible();
  await expect(page.getByLabel("Phone")).toHaveValue("07700 900999");
  await page.getByLabel("E-mail").fill("other@example.org");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("link", { name: "07700 900999" })).toBeVisible();
  await expect(page.getByText("other@example.org")).toBeVisible();
});

test("a second record is warned of, and two become one and two again", async ({ as, patient, watch, api }) => {
  watch.expectRefusal(409);
  const page = await as(desk);
  const somebody = patient();
  const agent = await api();
  const [slot] = await agent.free("rhinoplasty", 6);
  await agent.confirm(await agent.claim(slot, "rhinoplasty", somebody));
  const twin = patient().name;

  // The warning comes while one types, and once more before it is done.
  await page.goto("/patients/new");
  await page.getByLabel("Name").fill(twin);
  await page.getByLabel("Phone").fill(somebody.phone);
  await page.getByLabel("Phone").press("Tab");
  await expect(page.getByText(/^Th(is|ese) may be somebody you know already\.$/)).toBeVisible();
  await expect(page.getByRole("link", { name: somebody.name })).toBeVisible();
  await page.getByRole("button", { name: "Add patient" }).click();
  await page.getByRole("button", { name: "Add as a new patient anyway" }).click();
  await expect(page.getByRole("heading", { level: 1, name: twin })).toBeVisible();
  const kept = new URL(page.url()).pathname;

  await page.getByLabel("Add a note").fill("Called back about the form.");
  await page.getByRole("button", { name: "Add note" }).click();
  await expect(page.getByRole("complementary").getByText("Called back about the form.")).toBeVisible();

  await page.getByRole("main").locator("summary", { hasText: "More" }).click();
  await page.getByRole("link", { name: "Merge with another record" }).click();
  await page.getByRole("searchbox", { name: "The other record" }).fill(somebody.name);
  await page.getByRole("main").getByRole("button", { name: "Search" }).click();
  await page.getByRole("link", { name: `Compare with ${somebody.name}` }).first().click();
  await expect(page.getByText("This record is kept")).toBeVisible();
  await page.getByRole("group", { name: "Name", exact: true }).getByRole("radio", { name: somebody.name }).check();
  expect(await findings(page, "comparing two records")).toEqual([]);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("button", { name: "Merge into one record" }).click();

  await expect(page).toHaveURL(new RegExp(`${kept}$`));
  await expect(page.getByRole("heading", { level: 1, name: somebody.name })).toBeVisible();
  await expect(page.getByRole("table", { name: "Coming" }).getByRole("row")).toHaveCount(2);
  await expect(page.getByText("Called back about the form.")).toBeVisible();
  await page.goto("/patients");
  for (const name of [twin, somebody.name]) {
    await field(page).fill(name);
    await expect(found(page).getByText(/^1 patient$/).last()).toBeVisible();
  }
  await found(page).getByRole("link", { name: somebody.name }).click();
  await page.getByRole("button", { name: "Undo merge" }).click();
  await expect(page.getByRole("heading", { level: 1, name: twin })).toBeVisible();
  await expect(page.getByText("Nothing is booked.")).toBeVisible();
  await page.goto("/patients");
  await field(page).fill(somebody.name);
  await found(page).getByRole("link", { name: somebody.name }).click();
  await expect(page.getByRole("table", { name: "Coming" }).getByRole("row")).toHaveCount(2);
});

test("who does not need it sees it masked, and for a minute with a reason", async ({ as, patient, watch }) => {
  watch.expectRefusal(403, 409);
  const front = await as(desk);
  const somebody = patient();
  const record = await add(front, somebody);

  const page = await as(clinician);
  await page.goto(record);
  await expect(page.getByText("Masked for your role")).toBeVisible();
  await expect(page.getByText(somebody.phone)).toHaveCount(0);
  expect(await findings(page, "a masked record")).toEqual([]);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("link", { name: "Show for a minute" }).click();
  const dialog = page.getByRole("dialog", { name: /^Show how to reach/ });
  await dialog.getByLabel("Reason").selectOption({ label: "Calling the patient about their care" });
  await dialog.getByRole("button", { name: "Show for one minute" }).click();
  await expect(page.getByText(somebody.phone)).toBeVisible();
  await expect(page.getByText("Shown to you for a minute.")).toBeVisible();
  await page.getByRole("link", { name: "Hide now" }).click();
  await expect(page.getByText(somebody.phone)).toHaveCount(0);

  const watcher = await as(compliance);
  expect((await watcher.goto(record))?.status()).toBe(403);
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });

  test("searching, adding with a warning, a note, merging and undoing are forms and links", async ({ page, patient, watch }) => {
    watch.expectRefusal(409);
    const somebody = patient();
    await page.goto("/sign-in");
    await page.getByLabel("E-mail").fill(desk);
    await page.getByLabel("Password").fill("anteroom-demo");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("link", { name: "Patients", exact: true })).toBeVisible();

    const first = await add(page, somebody);
    await page.goto("/patients/new");
    await page.getByLabel("Name").fill(somebody.name);
    await page.getByLabel("Phone").fill(somebody.phone);
    await page.getByRole("button", { name: "Add patient" }).click();
    await expect(page.getByText(/^Th(is|ese) may be somebody you know already\.$/)).toBeVisible();
    await page.getByRole("button", { name: "Add as a new patient anyway" }).click();
    await expect(page.getByText("This may be the same person as")).toBeVisible();
    const second = new URL(page.url()).pathname;
    await page.getByLabel("Add a note").fill("Written without a script.");
    await page.getByRole("button", { name: "Add note" }).click();
    await page.getByRole("link", { name: /^Compare with/ }).first().click();
    await page.getByRole("button", { name: "Merge into one record" }).click();
    await expect(page.getByRole("complementary").getByText("Written without a script.")).toBeVisible();

    await page.goto(first);
    await expect(page).toHaveURL(new RegExp(`${second}$`));
    await page.goto("/patients");
    await page.getByLabel("Name, phone").fill(somebody.name);
    await page.getByRole("main").getByRole("button", { name: "Search" }).click();
    await expect(page.getByRole("link", { name: somebody.name })).toHaveCount(1);
    await page.getByRole("link", { name: somebody.name }).click();
    await page.getByRole("button", { name: "Undo merge" }).click();
    await page.goto(first);
    await expect(page).toHaveURL(new RegExp(`${first}$`));
  });
});
