import { type Page } from "@playwright/test";
import { findings } from "./axe";
import { compliance, dayAway, desk, expect, moment, password, test } from "./fixtures";

const palette = (page: Page) => page.getByRole("dialog", { name: "Find" });
const field = (page: Page) => palette(page).getByRole("combobox", { name: "What to look for" });
const list = (page: Page) => page.locator("#palette-found");
const option = (page: Page, name: string | RegExp) => palette(page).getByRole("option", { name });
const open = async (page: Page) => {
  await page.keyboard.press("Control+k");
  await expect(field(page)).toBeFocused();
};

test("a patient is found and opened by keyboard alone, and booked for", async ({ as, api, patient }) => {
  const agent = await api();
  const [slot] = await agent.free("septoplasty", 6);
  const somebody = patient();
  await agent.confirm(await agent.claim(slot, "septoplasty", somebody));
  const page = await as(desk);
  await page.goto("/schedule");
  await open(page);
  await expect(option(page, "Schedule")).toBeVisible();
  const [first, last] = somebody.name.split(" ");
  await page.keyboard.type(`${last.slice(0, 4)} ${first.toLowerCase()}`);
  const found = option(page, new RegExp(`^${somebody.name}`));
  await expect(found).toHaveAttribute("aria-selected", "true");
  await expect(found).toContainText(moment(slot.starts_at).time);
  await expect(field(page)).toHaveAttribute("aria-activedescendant", (await found.getAttribute("id")) ?? "none");
  await expect(palette(page).getByRole("status")).toHaveText(/^\d+ results$/);

  await page.keyboard.press("ArrowDown");
  await expect(option(page, /next appointment/)).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowDown");
  await expect(option(page, `Book for ${somebody.name}`)).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/patients\/[0-9a-f-]+$/);
  await expect(page.getByRole("heading", { level: 1, name: somebody.name })).toBeVisible();
});

test("days, pages and actions; Enter waits for what was typed last; Escape gives the focus back", async ({ as }) => {
  const page = await as(desk);
  await page.goto("/today");
  const search = page.getByRole("link", { name: /^Search or jump to/ });
  await search.click();
  await expect(field(page)).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(palette(page)).toBeHidden();
  await expect(search).toBeFocused();

  await open(page);
  await page.keyboard.type("tomorrow");
  await page.keyboard.press("Enter"); // before anything was answered
  await expect(page).toHaveURL(new RegExp(`/schedule\\?date=${dayAway(1)}$`));

  await open(page);
  await page.keyboard.type("pati");
  await expect(option(page, "Patients")).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/patients$/);

  for (const [words, theme] of [["dark", "dark"], ["theme device", null]] as const) {
    await open(page);
    await page.keyboard.type(words);
    await expect(option(page, /[Tt]heme/)).toHaveCount(1);
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator("html").getAttribute("data-theme")).toBe(theme);
    await expect(page).toHaveURL(/\/patients$/);
  }
});

test("nobody else’s role looks up patients, and what fails says so", async ({ as, watch, patient, api }) => {
  watch.expectRefusal(500);
  const agent = await api();
  const [slot] = await agent.free("botox", 6);
  const somebody = patient();
  await agent.confirm(await agent.claim(slot, "botox", somebody));
  const auditor = await as(compliance);
  await auditor.goto("/isolation");
  await open(auditor);
  await auditor.keyboard.type(somebody.name.split(" ")[1]);
  await expect(list(auditor).getByText("Your role does not look up patients.")).toBeVisible();
  await expect(palette(auditor).getByRole("option")).toHaveCount(0);

  const page = await as(desk);
  await page.goto("/today");
  await open(page);
  await page.route("**/find", (route) => route.abort());
  watch.expectFailure(/ERR_FAILED|Failed to fetch/);
  await page.keyboard.type("zy");
  await expect(list(page).getByText("The server does not answer.")).toBeVisible();
  await expect(field(page)).toHaveValue("zy");
  await page.unroute("**/find");
  await page.keyboard.type("z");
  await expect(list(page).getByText("Nobody and nothing is called that.")).toBeVisible();
  expect(await findings(page, "the palette")).toEqual([]);
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });

  test("the same is a page", async ({ page, api, patient }) => {
    const agent = await api();
    const [slot] = await agent.free("filler", 6);
    const somebody = patient();
    await agent.confirm(await agent.claim(slot, "filler", somebody));
    await page.goto("/sign-in");
    await page.getByLabel("E-mail").fill(desk);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("link", { name: "Search or jump to" }).click();
    await page.getByRole("searchbox", { name: "What to look for" }).fill(somebody.name);
    await page.getByRole("button", { name: "Find" }).click();
    await expect(page).toHaveURL(/\/find$/);
    await page.getByRole("link", { name: new RegExp(`^${somebody.name}`) }).click();
    await expect(page.getByRole("heading", { level: 1, name: somebody.name })).toBeVisible();
  });
});
