import type { Page } from "@playwright/test";
import { findings } from "./axe";
import { recorded, shows, talk } from "./call";
import { admin, compliance, desk, expect, type Patient, test } from "./fixtures";

/** Adds somebody to the directory; answers the address of their record. */
async function known(page: Page, somebody: Patient): Promise<string> {
  await page.goto("/patients/new");
  await page.getByLabel("Name").fill(somebody.name);
  await page.getByLabel("Phone").fill(somebody.phone);
  await page.getByRole("button", { name: /^Add/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: somebody.name })).toBeVisible();
  return new URL(page.url()).pathname;
}

/** The call stands on the record once it has been recorded. */
async function withCall(page: Page, record: string): Promise<void> {
  await expect(async () => {
    await page.goto(record);
    await expect(page.getByRole("heading", { name: "Calls", exact: true })).toBeVisible({ timeout: 1000 });
  }).toPass();
}

test("all calls of a patient are opened in an emergency, closed again, and reviewed", async ({ as, request, patient, watch }) => {
  const somebody = patient();
  const page = await as(desk);
  const record = await known(page, somebody);
  await recorded(request, somebody, "ibex");
  await withCall(page, record);

  await page.getByRole("link", { name: "In an emergency, open all of them for an hour" }).click();
  const dialog = page.getByRole("dialog", { name: "Open all calls of this patient for an hour?" });
  expect(await findings(page, "opening all calls")).toEqual([]);
  await dialog.getByLabel("Reason").selectOption("emergency");
  await dialog.getByLabel("What happened").fill("Found unwell in the waiting room, ibex.");
  await dialog.getByRole("button", { name: "Open for an hour" }).click();
  await expect(page).toHaveURL(new RegExp(`${record}$`));
  const banner = page.getByRole("status").filter({ hasText: "All calls of this patient are open to you until" });
  await expect(banner.getByText(/^\d\d:\d\d$/)).toBeVisible();
  await page.getByRole("complementary").locator("#calls").getByRole("link").first().click();
  await expect(talk(page)).toContainText("All calls of this patient are open to you until");
  await talk(page).getByRole("link", { name: shows("condition") }).first().click();
  await page.getByRole("dialog").getByLabel("Reason").selectOption("emergency");
  await page.getByRole("button", { name: "Show for one minute" }).click();
  await expect(talk(page)).toContainText("asthma");

  await page.goto(record);
  await banner.getByRole("button", { name: "Close now" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Closed again." })).toBeVisible();
  await expect(banner).toHaveCount(0);
  await page.getByRole("complementary").locator("#calls").getByRole("link").first().click();
  await expect(talk(page).getByText(/^condition\s*, hidden, not for your role$/)).toBeVisible();

  const officer = await as(admin);
  await officer.goto("/calls/reviews");
  const owed = officer.getByRole("listitem").filter({ hasText: "Found unwell in the waiting room, ibex." });
  await expect(owed).toContainText("all calls of a patient");
  await expect(owed).toContainText("1 reveal");
  await expect(owed.getByRole("link", { name: "one call" })).toBeVisible();
  await owed.getByRole("button", { name: "Justified", exact: true }).click();
  await expect(owed).toContainText("Reviewed by");
  await officer.goto(record); // who may see everything has nothing to break
  await expect(officer.getByRole("link", { name: /In an emergency/ })).toHaveCount(0);
  watch.expectRefusal(403);
  const overseer = await as(compliance);
  await overseer.goto(`${record}/glass`); // who oversees the clinic opens no records
  await expect(overseer.getByRole("main")).toContainText(/role/);
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });

  test("all calls of a patient are opened and closed", async ({ page, request, patient }) => {
    const somebody = patient();
    await page.goto("/patients/new");
    await page.getByLabel("E-mail").fill(desk);
    await page.getByLabel("Password").fill("anteroom-demo");
    await page.getByRole("button", { name: "Sign in" }).click();
    const record = await known(page, somebody);
    await recorded(request, somebody, "gnu");
    await withCall(page, record);
    await page.getByRole("link", { name: "In an emergency, open all of them for an hour" }).click();
    await page.getByLabel("Reason").selectOption("other");
    await page.getByLabel("What happened").fill("Nobody answers at the practice.");
    await page.getByRole("button", { name: "Open for an hour" }).click();
    await expect(page).toHaveURL(new RegExp(`${record}$`));
    await page.getByRole("button", { name: "Close now" }).click();
    await expect(page.getByRole("link", { name: "In an emergency, open all of them for an hour" })).toBeVisible();
  });
});
