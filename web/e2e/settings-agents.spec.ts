import { findings } from "./axe";
import { admin, desk, expect, test } from "./fixtures";

const hang = { message: { type: "hang", call: { id: "call-of-settings" } } };

test("an admin adds an agent, makes a secret, sees it once, and ends it", async ({ as, request, watch }) => {
  watch.expectRefusal(401);
  const page = await as(admin);
  await page.goto("/settings/agents");
  await page.getByRole("link", { name: "Add agent" }).click();
  const dialog = page.getByRole("dialog", { name: "Add an agent" });
  await dialog.getByLabel("Name").fill("Evening line");
  await dialog.getByRole("button", { name: "Add agent" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Evening line" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Tools, all 10" })).toContainText('"name": "reschedule_appointment"');

  await page.goto("/settings/agents");
  await page.getByRole("link", { name: "New secret" }).click();
  await page.getByLabel("Name").fill("From the browser");
  await page.getByRole("button", { name: "Make secret" }).click();
  await expect(page.getByText("Copy it now.")).toBeVisible();
  const secret = (await page.getByRole("region", { name: "Secret", exact: true }).textContent()) ?? "";
  expect(secret).toMatch(/^vs_[A-Z2-7]{26}$/);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Copy Secret" }).click();
  await expect(page.getByRole("button", { name: "Copied Secret" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret);

  const knock = () => request.post("/api/webhooks/vapi", { data: hang, headers: { "X-Vapi-Secret": secret } });
  expect((await knock()).status()).toBe(200);
  await page.getByRole("link", { name: "I have copied it" }).click();
  const row = page.getByRole("row", { name: /From the browser/ });
  await expect(row).toContainText("just now");
  await expect(page.getByText(secret)).toHaveCount(0);

  await row.getByRole("link", { name: "Revoke" }).click();
  await page.getByRole("dialog", { name: "Revoke From the browser?" }).getByRole("button", { name: "Revoke From the browser" }).click();
  await expect(page.getByText("Secret revoked")).toBeVisible();
  await expect(row).toHaveCount(0);
  await expect.poll(async () => (await knock()).status()).toBe(401);
});

test("the front desk looks at the agents and changes nothing, and axe finds nothing", async ({ as }) => {
  const page = await as(desk);
  await page.goto("/settings/agents");
  await expect(page.getByText("You can look; a practice admin can change this.")).toBeVisible();
  await expect(page.getByRole("link", { name: "New secret" })).toHaveCount(0);
  const found = await findings(page, "agents, to look at");
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("link", { name: "Ava" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Ava" })).toBeVisible();
  found.push(...(await findings(page, "an agent, to look at")));
  const chief = await as(admin);
  await chief.goto("/settings/agents");
  found.push(...(await findings(chief, "agents")));
  await chief.setViewportSize({ width: 1440, height: 900 });
  await chief.goto("/settings/agents/secrets/new?style=hmac");
  found.push(...(await findings(chief, "a new secret")));
  expect(found).toEqual([]);
});
