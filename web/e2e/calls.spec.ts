import { Call, open, recorded, said, shows, talk } from "./call";
import { findings } from "./axe";
import { admin, clinician, compliance, dayOf, desk, expect, lakeview, Schedule, type Slot, test } from "./fixtures";

test("a call comes in, holds, books and ends; its page is read, and what is hidden is shown for a minute", async ({ as, api, request, patient, watch }) => {
  watch.expectRefusal(422); // a reason without words
  const caller = patient();
  const [slot] = (await (await api()).free("mole-check", 4)) as Slot[];
  const page = await as(desk);
  await page.goto("/calls");
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  const call = new Call(request, `call-whole-${slot.id}`, `+44${caller.phone.slice(1).replace(" ", "")}`);
  expect(await call.tool("claim_slot", { service: "mole-check", starts_at: slot.starts_at, name: caller.name })).toMatch(/held|holding|hold/i);

  const live = page.getByRole("region", { name: "On the phone now" });
  await expect(live).toContainText("holding");
  await expect(page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Calls" })).toContainText("1 live");

  // Whoever looks at the call while it goes on sees what becomes of it.
  const watching = await as(desk);
  await watching.goto("/calls");
  await watching.getByRole("region", { name: "On the phone now" }).getByRole("link").first().click();
  await expect(watching.getByText("This call goes on now")).toBeVisible();
  const happened = (what: string) => watching.getByRole("complementary").getByText(what, { exact: true });
  await expect(happened("Booked")).toHaveCount(0);

  expect(await call.tool("confirm_booking", { name: caller.name })).toMatch(/^Booked/);
  await expect(happened("Booked").first()).toBeVisible();
  const grid = new Schedule(await as(desk));
  await grid.page.goto(dayOf(slot));
  await expect(grid.appointment(caller, "Booked")).toBeVisible();
  await grid.appointment(caller, "Booked").click();
  await expect(grid.page.getByRole("link", { name: "Open the call" })).toBeVisible();

  await call.end(said(caller));
  await expect(live).toHaveCount(0);
  await expect(talk(watching).getByRole("listitem").first()).toBeVisible();
  await grid.page.getByRole("link", { name: "Open the call" }).click();
  await expect(talk(grid.page).getByRole("listitem").first()).toBeVisible();

  const called = grid.page;
  await expect(called).toHaveTitle(/^Call · /);
  await expect(called.getByRole("complementary")).toContainText(caller.name);
  await expect(talk(called)).not.toContainText(caller.name);
  await expect(talk(called).getByText(/^condition\s*, hidden, not for your role$/)).toBeVisible();
  await expect(called.getByRole("img", { name: "2 answers, 2 measured, 1 over 800 ms" })).toBeVisible();
  await called.getByText("Show as table").click();
  await expect(called.getByRole("region", { name: "Latency as a table" })).toContainText("1,184");
  for (const step of ["claim_slot", "Held", "confirm_booking", "Booked", "Caller hung up", "Redacted"]) {
    await expect(called.getByRole("complementary").getByText(step, { exact: true }).first()).toBeVisible();
  }

  await called.clock.install();
  await talk(called).getByRole("link", { name: shows("name") }).first().click();
  const dialog = called.getByRole("dialog", { name: "Show the name?" });
  await dialog.getByLabel("Reason").selectOption("other");
  await dialog.getByRole("button", { name: "Show for one minute" }).click();
  await expect(dialog.getByRole("alert")).toContainText("in a few words why");
  await dialog.getByLabel("Reason").selectOption("call-back");
  expect(await findings(called, "reveal dialog")).toEqual([]);
  await dialog.getByRole("button", { name: "Show for one minute" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(talk(called)).toContainText(caller.name);
  await expect(talk(called)).toContainText("Reason given: calling the patient back");
  await called.clock.pauseAt(await called.evaluate(() => Date.now() + 5000));
  await called.clock.runFor(30_000);
  await expect(talk(called)).toContainText(caller.name);
  await called.clock.runFor(31_000);
  await expect(talk(called)).not.toContainText(caller.name);
  expect(await talk(called).innerHTML()).not.toContain(caller.name); // not even in what is not drawn
  await expect(talk(called).getByText("Open to you until")).toHaveCount(0);
  await called.reload();
  await expect(called.getByRole("complementary")).toContainText("Name shown to Imogen Clarke");
});

test("the list of somebody without a stream follows what goes on, too", async ({ as, request }) => {
  const page = await as(compliance); // at Lakeview, which comes first
  await page.goto("/calls");
  const live = page.getByRole("region", { name: "On the phone now" });
  await expect(live).toHaveCount(0);
  const call = new Call(request, "call-of-lakeview", "+12125550188", lakeview.secret);
  await call.send({ type: "status-update", status: "in-progress" });
  await expect(live).toBeVisible();
  await call.send({ type: "status-update", status: "ended", endedReason: "customer-ended-call" });
  await expect(live).toHaveCount(0);
});

test("a filter keeps the words that were looked for, and no address holds them", async ({ as }) => {
  const page = await as(desk);
  await page.goto("/calls");
  const box = page.getByRole("searchbox", { name: "Words that were said" });
  await box.fill("appointment");
  await expect(page.locator("#calls mark").first()).toBeVisible();
  await page.getByLabel("Outcome").selectOption("booked");
  await expect(page.getByLabel("Outcome")).toHaveValue("booked");
  await expect(box).toHaveValue("appointment");
  expect(page.url()).toMatch(/\/calls\/search$/);
  await box.fill("");
  await page.getByLabel("Outcome").selectOption("message");
  await expect(page).toHaveURL(/\/calls\?outcome=message$/);
});

test("a clinician without the right is refused, opens the call in an emergency, and is reviewed", async ({ as, request, patient, watch }) => {
  const caller = patient();
  await recorded(request, caller, "walrus");
  const desks = await as(desk);
  const address = await open(desks, "walrus");
  const theirs = await talk(desks).getByRole("link", { name: shows("name") }).first().getAttribute("href");

  const page = await as(clinician);
  await page.goto(address);
  await expect(talk(page).getByRole("link", { name: /hidden, show it/ })).toHaveCount(0);
  watch.expectRefusal(403);
  await page.goto(theirs ?? "");
  await expect(page.getByRole("main")).toContainText(/not|role/);

  await page.goto(address);
  await page.getByRole("link", { name: "In an emergency, open everything for an hour" }).click();
  const dialog = page.getByRole("dialog", { name: "Open this call for an hour?" });
  await dialog.getByLabel("Reason").selectOption("emergency");
  await dialog.getByLabel("What happened").fill("The line broke and the caller sounded unwell.");
  await dialog.getByRole("button", { name: "Open for an hour" }).click();
  await expect(talk(page)).toContainText("Everything of this call is open to you until");
  await talk(page).getByRole("link", { name: shows("condition") }).first().click();
  await page.getByRole("dialog").getByLabel("Reason").selectOption("emergency");
  await page.getByRole("button", { name: "Show for one minute" }).click();
  await expect(talk(page)).toContainText("asthma");
  await page.getByRole("link", { name: "Hide now" }).click();
  await expect(talk(page)).not.toContainText("asthma");

  const officer = await as(admin);
  await officer.goto("/calls");
  await officer.getByRole("link", { name: "Reviews" }).click();
  const owed = officer.getByRole("listitem").filter({ hasText: "The line broke" });
  await expect(owed).toContainText("1 reveal");
  await owed.getByRole("button", { name: "Justified", exact: true }).click();
  await expect(owed).toContainText("Reviewed by");
});

test("what the rules missed is marked, by selecting it, and recall is told", async ({ as, request, patient }) => {
  const caller = patient();
  await recorded(request, caller, "okapi");
  const page = await as(admin);
  const address = await open(page, "okapi");
  const piece = talk(page).getByText("okapi in your window");
  await piece.click({ clickCount: 3 });
  await expect(page.getByRole("button", { name: "Mark as a miss" })).toBeVisible();
  await piece.evaluate((at) => {
    const text = at.firstChild as Text;
    const from = text.data.indexOf("okapi");
    const range = document.createRange();
    range.setStart(text, from - 1);
    range.setEnd(text, from + "okapi".length);
    getSelection()?.removeAllRanges();
    getSelection()?.addRange(range);
  });
  await page.getByRole("button", { name: "Mark as a miss" }).click();
  const dialog = page.getByRole("dialog", { name: "Hide this from now on?" });
  await expect(dialog).toContainText("okapi");
  await dialog.getByLabel("What it is").selectOption("OTHER_ID");
  await dialog.getByRole("button", { name: "Hide it" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Hidden in 1 place" })).toBeVisible();
  await expect(talk(page)).not.toContainText("okapi");
  await expect(page.getByRole("complementary")).toContainText("Other number marked as missed");

  await page.goto("/calls/reviews");
  await expect(page.getByRole("region", { name: "Recall by rules" })).toContainText("%");
  await page.goto("/calls");
  await page.getByLabel("Words that were said").fill("okapi");
  await expect(page.getByText("No call with these words")).toBeVisible();
  expect(address).toMatch(/^\/calls\//);
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });

  test("a call is found, shown for a minute, and a miss is marked", async ({ page, request, patient }) => {
    const caller = patient();
    await recorded(request, caller, "tapir");
    await page.goto("/calls");
    await page.getByLabel("E-mail").fill(admin);
    await page.getByLabel("Password").fill("anteroom-demo");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(async () => {
      await page.goto("/calls");
      await page.getByLabel("Words that were said").fill("tapir");
      await page.getByRole("button", { name: "Search" }).click();
      await page.getByRole("table").getByRole("link", { name: "tapir" }).click({ timeout: 1000 });
    }).toPass();
    const address = page.url().replace(/#.*/, "");
    await page.getByRole("link", { name: shows("condition") }).first().click();
    await page.getByLabel("Reason").selectOption("quality-review");
    const answer = page.waitForResponse((r) => r.request().method() === "POST");
    await page.getByRole("button", { name: "Show for one minute" }).click();
    expect((await answer).headers()["refresh"]).toBe(`60; url=${new URL(address).pathname}`);
    expect((await answer).headers()["cache-control"]).toContain("no-store");
    await expect(page.getByRole("region", { name: "Conversation" })).toContainText("asthma");
    await page.getByRole("link", { name: "Hide now" }).click();
    await expect(page.getByRole("region", { name: "Conversation" })).not.toContainText("asthma");

    await page.getByRole("link", { name: "Mark a miss" }).click();
    await page.getByRole("link", { name: "tapir" }).click();
    await page.getByLabel("tapir").check();
    await page.getByLabel("What it is").selectOption("OTHER_ID");
    await page.getByRole("button", { name: "Hide it" }).click();
    await expect(page.getByRole("region", { name: "Conversation" })).not.toContainText("tapir");
  });
});
