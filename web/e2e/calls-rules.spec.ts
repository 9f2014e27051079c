import type { Page } from "@playwright/test";
import { findings } from "./axe";
import { shows, talk } from "./call";
import { admin, compliance, desk, expect, test } from "./fixtures";

// The demo holds two calls of each clinic that rules of a month ago have redacted. The rules of today go over them as soon as the server runs: what they find
// besides is hidden by itself, and the rest waits for somebody. Each test decides about one of them, the newest that is left.
async function toDecide(page: Page): Promise<string> {
  await expect(async () => {
    await page.goto("/calls/reviews");
    await expect(page.getByRole("list", { name: "To decide" })).toBeVisible({ timeout: 1000 });
  }).toPass();
  await page.getByRole("list", { name: "To decide" }).getByRole("link").first().click();
  await expect(page.getByRole("heading", { name: /^Rules 2026\.10-2 → 2026\.\d\d-\d$/ })).toBeVisible();
  return new URL(page.url()).pathname.replace("/rules", "");
}

test("newer rules hide more by themselves, and what they would let be read is looked at and accepted", async ({ as }) => {
  const page = await as(compliance);
  const call = await toDecide(page);
  const turns = page.getByRole("list", { name: "What would be different" });
  await expect(turns).toContainText("Hidden already");
  await expect(turns).toContainText("date becomes date of birth");
  expect(await findings(page, "compare the rules")).toEqual([]);

  await turns.getByRole("link", { name: shows("place") }).click();
  await page.getByRole("dialog").getByLabel("Reason").selectOption("quality-review");
  await page.getByRole("button", { name: "Show for one minute" }).click();
  await expect(turns).toContainText("behind the building");
  await page.getByRole("link", { name: "Hide now" }).click();
  await expect(turns).not.toContainText("behind the building");

  await page.getByRole("button", { name: "Accept the difference" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Redacted again under rules" })).toContainText("0 more hidden, 1 readable now");
  await expect(talk(page)).toContainText("There is, behind the building, free for patients.");
  await expect(talk(page).getByRole("link", { name: shows("date of birth") })).toBeVisible();
  await expect(talk(page).getByRole("link", { name: shows("date") })).toHaveCount(0);
  await expect(page.getByText(/^Redacted again, rules 2026\.\d\d-\d → 2026\.\d\d-\d$/)).toBeVisible();
  await expect(page.getByText("Look at the difference")).toHaveCount(0);
  const story = page.getByRole("complementary");
  await expect(story).toContainText("Place shown to");
  expect(await story.getByText(/^Redacted again, rules/).count()).toBe(2); // by itself, and by somebody

  await page.goto(`${call}/rules`); // nothing is left to decide
  await expect(page.getByRole("button", { name: "Keep everything hidden" })).toHaveCount(0);
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });

  test("what newer rules would let be read is kept hidden", async ({ page, watch }) => {
    await page.goto("/calls/reviews");
    await page.getByLabel("E-mail").fill(admin);
    await page.getByLabel("Password").fill("anteroom-demo");
    await page.getByRole("button", { name: "Sign in" }).click();
    const call = await toDecide(page);
    await page.getByLabel("Keep the place hidden").check();
    await page.getByRole("button", { name: "Accept the difference" }).click();
    await expect(page).toHaveURL(new RegExp(`${call}$`));
    await expect(talk(page)).not.toContainText("behind the building");
    await expect(talk(page).getByRole("link", { name: shows("place") })).toBeVisible();
    await page.goto("/calls/reviews");
    await expect(page.locator(`a[href="${call}/rules"]`)).toHaveCount(0);
    watch.expectRefusal(403);
  });
});

test("the front desk neither compares nor decides", async ({ as, watch }) => {
  const officer = await as(admin);
  await officer.goto("/calls");
  const call = await officer.getByRole("main").getByRole("table").getByRole("link").first().getAttribute("href");
  watch.expectRefusal(403);
  const page = await as(desk);
  await page.goto(`${call}/rules`);
  await expect(page.getByRole("main")).toContainText(/not for your role|role/);
});
