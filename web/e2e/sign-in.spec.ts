import { admin, compliance, desk, expect, signIn, test } from "./fixtures";

test("signing in, and out again", async ({ page, watch }) => {
  watch.expectRefusal(401);
  await page.goto("/sign-in");
  await signIn(page, desk, "not-the-password");
  await expect(page.getByRole("alert")).toContainText("do not belong together");
  await expect(page.getByLabel("E-mail")).toHaveValue(desk);
  await expect(page.getByRole("alert")).toBeFocused();

  await signIn(page, desk);
  await expect(page).toHaveURL(/\/today$/);
  await expect(page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: /^Today/ })).toHaveAttribute("aria-current", "page");

  await page.getByRole("button", { name: "Imogen Clarke" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await page.goto("/schedule");
  await expect(page).toHaveURL(/\/sign-in/);
  await page.goBack();
  await expect(page.getByRole("button", { name: "Imogen Clarke" })).toBeHidden();
});

test("a link opened by somebody who is not signed in is where they come after it", async ({ page }) => {
  await page.goto("/schedule?date=2026-12-01&view=week");
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await signIn(page, desk);
  await expect(page).toHaveURL("/schedule?date=2026-12-01&view=week");
});

test("somebody who works at two clinics changes between them", async ({ page }) => {
  await page.goto("/sign-in");
  await signIn(page, compliance);
  const here = page.getByRole("button", { name: /^Lakeview Family Practice New York/ });
  const there = page.getByRole("button", { name: /^Northside Aesthetics London/ });
  await here.click();
  const csrf = await page.locator('meta[name="csrf"]').getAttribute("content");
  await page.getByRole("button", { name: "Northside Aesthetics" }).click();
  await expect(there).toBeVisible();
  await expect(here).toBeHidden();
  await expect(page).toHaveTitle(/ · Northside Aesthetics$/);
  // A page of the one clinic that is still open cannot act in the other.
  expect(await page.locator('meta[name="csrf"]').getAttribute("content")).not.toBe(csrf);
});

test("somebody new chooses a password of their own first", async ({ as, page }) => {
  const boss = await as(admin);
  await boss.goto("/settings/team?add=1");
  await boss.getByLabel("Name").fill("Ned New");
  await boss.getByLabel("E-mail").fill("ned@northside.example");
  await boss.getByLabel("Role").selectOption("Front desk");
  await boss.getByRole("button", { name: "Add this person" }).click();
  const given = await boss.getByText(/^[a-z2-7]{5}(-[a-z2-7]{5}){3}$/).innerText();

  await page.goto("/sign-in");
  await signIn(page, "ned@northside.example", given);
  await expect(page).toHaveURL(/\/password$/);
  await page.goto("/schedule");
  await expect(page.getByRole("heading", { level: 1, name: "Choose your password" })).toBeVisible();
  await page.getByLabel("The password you were given").fill(given);
  await page.getByLabel("New password", { exact: true }).fill("four quiet herons");
  await page.getByLabel("New password again").fill("four quiet herons");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page).toHaveURL(/\/today$/);

  await page.getByRole("button", { name: "Ned New" }).click();
  await expect(page.getByRole("link", { name: "Change password" })).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await signIn(page, "ned@northside.example", "four quiet herons");
  await expect(page).toHaveURL(/\/today$/);
});

test("a role opens its own pages and no others", async ({ as, watch }) => {
  watch.expectRefusal(403);
  const auditor = await as(compliance);
  await auditor.goto("/isolation");
  await expect(auditor.getByRole("heading", { level: 1, name: "Isolation" })).toBeVisible();
  await auditor.goto("/schedule");
  await expect(auditor.getByRole("heading", { level: 1, name: "Not for your role" })).toBeVisible();
  await expect(auditor.getByRole("link", { name: "Schedule" })).toHaveCount(0);

  const front = await as(desk);
  await front.goto("/isolation");
  await expect(front.getByRole("heading", { level: 1, name: "Not for your role" })).toBeVisible();
  await front.goto("/settings/services");
  await expect(front.getByText("a practice admin can change this")).toBeVisible();
  await expect(front.getByRole("main").getByRole("button")).toHaveCount(0);
  const csrf = await front.locator('meta[name="csrf"]').getAttribute("content");
  const write = await front.request.post("/settings/services", { form: { name: "Mine", duration: "30" }, headers: { "X-CSRF-Token": csrf ?? "" } });
  expect(write.status()).toBe(403);

  const boss = await as(admin);
  await boss.goto("/settings/services");
  await expect(boss.getByRole("main").getByRole("link", { name: /Add a service/ })).toBeVisible();
});
