import { type APIRequestContext, type Page, type PlaywrightWorkerArgs } from "@playwright/test";
import { bookButton, desk, expect, fillBooking, moment, Schedule, signIn, test } from "./fixtures";

/** Ends the session of a page in the database, as its person can from another browser; the page does not hear of it. */
async function endSession(page: Page, playwright: PlaywrightWorkerArgs["playwright"], baseURL: string | undefined): Promise<void> {
  const cookies = (await page.context().cookies()).filter(({ name }) => name === "anteroom");
  expect(cookies).toHaveLength(1);
  const elsewhere: APIRequestContext = await playwright.request.newContext({ baseURL, storageState: { cookies, origins: [] } });
  const text = await (await elsewhere.get("/sessions")).text();
  const csrf = /<meta name="csrf" content="([^"]+)"/.exec(text)?.[1] ?? "";
  const answer = await elsewhere.post("/sign-out", { form: { _csrf: csrf }, maxRedirects: 0 });
  expect(answer.status()).toBe(303);
  await elsewhere.dispose();
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with script" : "without script", () => {
    test.use({ javaScriptEnabled });

    test("a booking half-way comes back after signing in again", async ({ page, api, patient, playwright, baseURL, watch }) => {
      watch.expectRefusal(401);
      const [slot] = await (await api()).free("mole-check", 7);
      const somebody = patient();
      await page.goto(`/appointments/new?slot=${slot.id}`);
      await signIn(page, desk);
      await fillBooking(page, "mole-check", somebody);
      await page.getByLabel("Notes").fill("Prefers the ground floor");
      await page.waitForLoadState("networkidle"); // who it may be was looked up
      await endSession(page, playwright, baseURL);
      await bookButton(page).click();

      await expect(page.getByRole("heading", { level: 1, name: "Sign in to Anteroom" })).toBeVisible();
      await expect(page.getByText("What you typed is kept for ten minutes")).toBeVisible();
      await expect(page.locator("body")).not.toContainText(somebody.name);
      await expect(page.getByLabel("E-mail")).toHaveValue("");
      await signIn(page, desk, "not-the-password");
      await expect(page.getByRole("alert")).toContainText("do not belong together");
      await signIn(page, desk);

      await expect(page.getByText("What you typed is back.")).toBeVisible();
      await expect(page.getByLabel("Patient", { exact: true })).toHaveValue(somebody.name);
      await expect(page.getByLabel("Phone")).toHaveValue(somebody.phone);
      await expect(page.getByLabel("Notes")).toHaveValue("Prefers the ground floor");
      await bookButton(page).click();
      await expect(page).toHaveURL(new RegExp(`/schedule\\?date=${moment(slot.starts_at).date}`));
      await expect(new Schedule(page).appointment(somebody, "Booked")).toBeVisible();
    });

    test("a patient's note comes back after signing in again", async ({ page, api, patient, playwright, baseURL, watch }) => {
      watch.expectRefusal(401);
      const agent = await api();
      const [slot] = await agent.free("mole-check", 7);
      const somebody = patient();
      const booked = await agent.confirm(await agent.claim(slot, "mole-check", somebody));
      await page.goto(`/appointments/${booked.id}`);
      await signIn(page, desk);
      await page.getByRole("link", { name: "Open the patient’s record" }).click();
      await page.getByLabel("Add a note").fill("Brings her <own> blanket & \"tea\"");
      await endSession(page, playwright, baseURL);
      await page.getByRole("button", { name: "Add note" }).click();

      await expect(page.getByText("What you typed is kept for ten minutes")).toBeVisible();
      await expect(page.locator("body")).not.toContainText("blanket");
      await signIn(page, desk);
      await expect(page.getByText("What you typed is back.")).toBeVisible();
      await expect(page.getByLabel("Add a note")).toHaveValue("Brings her <own> blanket & \"tea\"");
      await page.getByRole("button", { name: "Add note" }).click();
      await expect(page.getByRole("region", { name: "Notes" }).or(page.locator("#notes")).getByText("Brings her <own> blanket")).toBeVisible();
      await page.reload();
      await expect(page.getByText("What you typed is back.")).toBeHidden();
    });
  });
}

test("what was typed comes back as well when looking up the patient finds the session over", async ({ page, api, patient, playwright, baseURL, watch }) => {
  watch.expectRefusal(401);
  const [slot] = await (await api()).free("mole-check", 17);
  const somebody = patient();
  await page.goto(`/appointments/new?service=mole-check&slot=${slot.id}`);
  await signIn(page, desk);
  await page.getByLabel("Notes").fill("Comes by bus");
  await page.waitForLoadState("networkidle");
  await endSession(page, playwright, baseURL);
  await page.getByLabel("Patient", { exact: true }).pressSequentially(somebody.name);
  await expect(page.getByText("What you typed is kept for ten minutes")).toBeVisible();
  await signIn(page, desk);
  await expect(page.getByText("What you typed is back.")).toBeVisible();
  await expect(page.getByLabel("Notes")).toHaveValue("Comes by bus");
  const typed = await page.getByLabel("Patient", { exact: true }).inputValue();
  expect(typed).not.toBe("");
  expect(somebody.name.startsWith(typed)).toBe(true);
});
