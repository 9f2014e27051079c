import { type Page } from "@playwright/test";
import { bookButton, desk, expect, fillBooking, moment, Schedule, signIn, test } from "./fixtures";

/** The session's time is over: its token is worth nothing any more. */
async function endSession(page: Page): Promise<void> {
  const [own] = (await page.context().cookies()).filter((it) => it.name === "anteroom");
  await page.context().addCookies([{ ...own, value: "a-token-that-is-over-0123456789abcdefghijklmno" }]);
}

for (const script of [true, false]) {
  test.describe(script ? "with script" : "without script", () => {
    test.use({ javaScriptEnabled: script });

    test("a booking that is sent after the session ended is back after signing in again", async ({ page, api, patient, watch }) => {
      watch.expectRefusal(401);
      const [slot] = await (await api()).free("mole-check", 16);
      const somebody = patient();
      await page.goto(`/schedule?date=${moment(slot.starts_at).date}`);
      await signIn(page, desk);
      const schedule = new Schedule(page);
      await schedule.free(slot).click();
      await fillBooking(page, "mole-check", somebody);
      await page.getByLabel("Notes").fill("Comes with a <walking> stick");
      await page.waitForLoadState("networkidle"); // who it may be was looked up
      await endSession(page);
      await bookButton(page).click();

      await expect(page.getByText("what you typed is kept")).toBeVisible();
      await expect(page.getByText(somebody.name)).toHaveCount(0);
      await signIn(page, desk, "not-the-password");
      await expect(page.getByRole("alert")).toContainText("do not belong together");
      await signIn(page, desk);
      await expect(page.getByText("What you typed is back in its form.")).toBeVisible();
      await expect(page.getByLabel("Notes")).toHaveValue("Comes with a <walking> stick");
      await expect(page.getByLabel("Phone")).toHaveValue(somebody.phone);
      await bookButton(page).click();
      await expect(schedule.appointment(somebody, "Booked")).toBeVisible();
    });
  });
}

test("what was typed is back as well when looking up the patient finds the session over", async ({ page, api, patient, watch }) => {
  watch.expectRefusal(401);
  const [slot] = await (await api()).free("mole-check", 17);
  const somebody = patient();
  await page.goto(`/appointments/new?service=mole-check&slot=${slot.id}`);
  await signIn(page, desk);
  await page.getByLabel("Notes").fill("Comes by bus");
  await endSession(page);
  await page.getByLabel("Patient", { exact: true }).pressSequentially(somebody.name);
  await expect(page.getByText("what you typed is kept")).toBeVisible();
  await signIn(page, desk);
  await expect(page.getByText("What you typed is back in its form.")).toBeVisible();
  await expect(page.getByLabel("Notes")).toHaveValue("Comes by bus");
  expect(somebody.name.startsWith(await page.getByLabel("Patient", { exact: true }).inputValue())).toBe(true);
  await expect(page.getByLabel("Patient", { exact: true })).not.toHaveValue("");
});
