import type { APIRequestContext, Page } from "@playwright/test";
import { findings } from "./axe";
import { Call } from "./call";
import { admin, clinician, desk, expect, type Patient, test } from "./fixtures";

/** Adds somebody to the directory, who then rings and gives another e-mail address; answers the address of their record. */
async function callsAbout(page: Page, request: APIRequestContext, somebody: Patient, mailbox: string): Promise<string> {
  await page.goto("/patients/new");
  await page.getByLabel("Name").fill(somebody.name);
  await page.getByLabel("Phone").fill(somebody.phone);
  await page.getByRole("button", { name: /^Add/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: somebody.name })).toBeVisible();
  const record = new URL(page.url()).pathname;
  const call = new Call(request, `call-${mailbox}-${Date.now()}`, `+44${somebody.phone.slice(1).replace(" ", "")}`);
  await call.end([
    ["bot", "Hello. What is your e-mail address?"],
    ["user", `It is ${mailbox} dot desk at example dot com.`],
    ["bot", "Thank you, the desk will see to it."],
  ]);
  await expect(async () => {
    await page.goto(record);
    await expect(page.getByRole("heading", { name: "For the record" })).toBeVisible({ timeout: 1000 });
  }).toPass();
  return record;
}

test("a detail that was said on a call is heard for a reason, corrected, and put into the record", async ({ as, request, patient, watch }) => {
  const somebody = patient();
  const page = await as(desk);
  const record = await callsAbout(page, request, somebody, "vixen");
  watch.secret("vixen.desk");
  await page.getByRole("link", { name: "Decide about the e-mail" }).click();
  const address = new URL(page.url()).pathname;
  await expect(page.getByRole("heading", { name: "An e-mail address was said on a call" })).toBeVisible();
  await expect(page.getByRole("main")).not.toContainText("vixen");
  expect(await findings(page, "deciding about a detail")).toEqual([]);

  await page.getByLabel("Reason to show it").selectOption("booking");
  const heard = page.waitForResponse((r) => r.request().method() === "POST");
  await page.getByRole("button", { name: "Show for one minute" }).click();
  expect((await heard).headers()["refresh"]).toBe(`60; url=${record}`);
  await expect(page.getByRole("main")).toContainText("vixen dot desk at example dot com");
  const field = page.getByLabel("E-mail in the record");
  await expect(field).toHaveValue("vixen.desk@example.com");
  watch.expectRefusal(422);
  await field.fill("vixen.desk");
  await page.getByRole("button", { name: "Put it in the record" }).click();
  await expect(page.getByText("must be an e-mail address")).toBeVisible();
  await page.getByLabel("E-mail in the record").fill("vixen.desk@example.com");
  await page.getByRole("button", { name: "Put it in the record" }).click();
  await expect(page).toHaveURL(new RegExp(`${record}$`));
  await expect(page.getByRole("region", { name: "Who it is" })).toContainText("vixen.desk@example.com");
  await expect(page.getByRole("heading", { name: "For the record" })).toHaveCount(0);

  watch.expectRefusal(409);
  await page.goto(address); // a link that was kept
  await expect(page.getByRole("main")).toContainText("Somebody has decided about this already.");
  watch.expectRefusal(403);
  const doctor = await as(clinician); // changes no records
  await doctor.goto(address);
  await expect(doctor.getByRole("main")).toContainText(/role/);
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });

  test("a detail is left out of the record, from the call's page", async ({ page, request, patient }) => {
    const somebody = patient();
    await page.goto("/patients/new");
    await page.getByLabel("E-mail").fill(admin);
    await page.getByLabel("Password").fill("anteroom-demo");
    await page.getByRole("button", { name: "Sign in" }).click();
    const record = await callsAbout(page, request, somebody, "weasel");
    await page.locator("#calls").getByRole("link").first().click();
    await page.getByRole("link", { name: "Decide about the e-mail" }).click();
    await page.getByRole("button", { name: "Leave the record as it is" }).click();
    await expect(page).toHaveURL(new RegExp(`${record}$`));
    await expect(page.getByText("The record stays as it is.")).toBeVisible();
    await expect(page.getByRole("heading", { name: "For the record" })).toHaveCount(0);
    await expect(page.getByRole("region", { name: "Who it is" })).not.toContainText("weasel");
  });
});
