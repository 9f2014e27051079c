import { type Page } from "@playwright/test";
import { findings } from "./axe";
import { admin, desk, expect, northside, type Patient, test } from "./fixtures";
import { run } from "./server";

const list = (page: Page, name: string) => page.locator("section").filter({ has: page.getByRole("heading", { level: 2, name }) }).getByRole("listitem");
const inList = (page: Page, name: string, somebody: Patient) => list(page, name).filter({ hasText: somebody.name });
// Holds of other tests may stand beside it, at the same time of another day.
const holdOf = (page: Page, caller: Patient) =>
  list(page, "Needs you").filter({ hasText: "Hold ends" }).filter({ hasText: `•${caller.phone.slice(-3)},` });
const shownLive = (page: Page) => expect(page.getByText("Live", { exact: true })).toBeVisible();

test("a hold needs somebody until it is dealt with, in every window", async ({ as, api, patient }) => {
  const agent = await api();
  const [first, second] = await agent.free("rhinoplasty", 3);
  const pages = [await as(desk), await as(admin)];
  for (const page of pages) {
    await page.goto("/today");
    await shownLive(page);
  }
  const [one, other] = [patient(), patient()];
  await agent.claim(first, "rhinoplasty", one);
  for (const page of pages) {
    await expect(holdOf(page, one).getByText(/^[12]:\d\d$/)).toBeVisible();
    await expect(page.getByRole("link", { name: /^Today \d+ things? needs? you$/ })).toBeVisible();
  }
  await holdOf(pages[0], one).getByRole("button", { name: "Release" }).click();
  for (const page of pages) await expect(holdOf(page, one)).toHaveCount(0);
  await expect(pages[0].getByRole("status").filter({ hasText: "Hold released" })).toBeVisible();

  await agent.claim(second, "rhinoplasty", other);
  await holdOf(pages[1], other).getByRole("button", { name: "Take over" }).click();
  await expect(pages[1].getByRole("heading", { level: 1, name: "Book" })).toBeVisible();
  await expect(holdOf(pages[0], other)).toHaveCount(0);
});

test("what callers left, and who waits, is done with by one click, in every window", async ({ as, patient, request }) => {
  const [caller, waiting] = [patient(), patient()];
  const pages = [await as(desk), await as(admin)];
  for (const page of pages) {
    await page.goto("/today");
    await shownLive(page);
  }
  const use = async (who: Patient, name: string, args: object) => {
    const call = { call: { id: `${name}-${who.phone}` }, customer: { number: who.phone.replace("0", "+44") } };
    for (const message of [
      { type: "tool-calls", toolCallList: [{ id: "call_1", function: { name, arguments: args } }] },
      { type: "status-update", status: "ended", endedReason: "customer-ended-call" }, // nobody stays on the phone
    ]) {
      const answer = await request.post("/api/webhooks/vapi", { data: { message: { ...call, ...message } }, headers: { "X-Vapi-Secret": northside.secret } });
      expect(answer.status()).toBe(200);
    }
  };
  const left = (page: Page) => list(page, "Needs you").filter({ hasText: `${caller.name} left a message` });
  const waits = (page: Page) => list(page, "Waitlist").filter({ hasText: `${waiting.name} waits for ` });
  await use(caller, "take_message", { message: "Please send me the leaflet.", name: caller.name });
  await use(waiting, "join_waitlist", { service: "rhinoplasty", name: waiting.name });
  for (const page of pages) {
    await expect(left(page)).toContainText("Please send me the leaflet.");
    await expect(waits(page)).toContainText("any time");
  }
  await pages[0].getByRole("button", { name: `Done with the message of ${caller.name}` }).click();
  await expect(pages[0].getByRole("status").filter({ hasText: "Message done." })).toBeVisible();
  for (const page of pages) await expect(left(page)).toHaveCount(0);
  await pages[1].getByRole("button", { name: `Done with ${waiting.name}` }).click();
  await expect(pages[1].getByRole("status").filter({ hasText: "Taken off the waitlist." })).toBeVisible();
  for (const page of pages) await expect(waits(page)).toHaveCount(0);
});

test("who is on the phone stands beside every page, while they are", async ({ as, server, patient }) => {
  const page = await as(desk);
  await page.goto("/today");
  await shownLive(page);
  const calls = page.getByRole("banner").getByRole("listitem").filter({ hasText: "•••" }); // whose agent is not known when there are several
  const call = run("simulate", "call", "--server", server.url, "--clinic", "northside", "--outcome", "missed", "--name", patient().name);
  await expect(calls.first()).toContainText("•••");
  await expect(calls.first().getByText(/^\d+:\d\d$/)).toBeVisible();
  await call;
  await expect(calls).toHaveCount(0);
});

test("axe finds nothing while a number is shown to call", async ({ page, watch }) => {
  watch.expectRefusal(401);
  await page.goto("/_states/today");
  await page.getByRole("button", { name: "Call Oliver Marsh" }).click();
  await expect(page.getByRole("link", { name: "07700 900452" })).toBeVisible();
  expect(await findings(page, "a number to call", true)).toEqual([]);
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });

  test("a hold is released from Today", async ({ page, api, patient }) => {
    const agent = await api();
    const [, , slot] = await agent.free("botox", 4);
    await page.goto("/sign-in");
    await page.getByLabel("E-mail").fill(desk);
    await page.getByLabel("Password").fill("anteroom-demo");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page).toHaveURL(/\/today$/);
    const caller = patient();
    await agent.claim(slot, "botox", caller);
    await page.reload();
    const need = holdOf(page, caller);
    await need.getByRole("button", { name: "Release" }).click();
    await expect(page).toHaveURL(/\/today$/);
    await expect(page.getByText("Hold released")).toBeVisible();
    await expect(need).toHaveCount(0);
  });
});
