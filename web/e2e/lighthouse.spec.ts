import { type Browser, chromium, type Page } from "@playwright/test";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { desk, expect, signIn, test } from "./fixtures";
import { chromiumArgs } from "./playwright.config";

// Not a part of the tests: the performance score is a time, and says as much about the machine's other work. `make lighthouse` prints it.
const pages = ["/sign-in", "/today", "/schedule", "/schedule?view=week", "/patients", "/calls"];
const folder = join(__dirname, "shots", "lighthouse");
const wanted = ["performance", "accessibility", "best-practices"] as const;

test("Lighthouse @lighthouse", async ({ server }) => {
  test.setTimeout(900_000);
  const { default: lighthouse, desktopConfig } = await import("lighthouse");
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH || undefined,
    args: [...chromiumArgs, `--remote-debugging-port=${port}`],
  });
  const [cookie, call] = await cookieAndCall(browser, server.url);
  const failed: string[] = [];
  for (const address of [...pages, call]) {
    for (const form of ["desktop", "phone"]) {
      const flags = { port, onlyCategories: [...wanted], extraHeaders: address === "/sign-in" ? {} : { Cookie: cookie }, logLevel: "error" as const };
      const result = await lighthouse(server.url + address, flags, form === "desktop" ? desktopConfig : undefined);
      if (!result) throw new Error(`${address} was not measured`);
      expect(new URL(result.lhr.finalDisplayedUrl).pathname, "the page that was measured").toBe(new URL(server.url + address).pathname);
      const scores = wanted.map((name) => Math.round((result.lhr.categories[name].score ?? 0) * 100));
      const short = Object.values(result.lhr.audits).filter((a) => a.score !== null && a.score < 0.9 && a.scoreDisplayMode !== "informative" && a.scoreDisplayMode !== "metricSavings");
      console.log(`${address.replace(call, "/calls/…").padEnd(22)} ${form.padEnd(8)} ${scores.map((s) => String(s).padStart(4)).join(" ")}   ${short.map((a) => a.id).join(", ")}`);
      await writeFile(join(folder, `${address.replace(/\W+/g, "-")}-${form}.json`), JSON.stringify(result.lhr));
      wanted.forEach((name, i) => {
        if (scores[i] < 100) failed.push(`${address}, ${form}: ${name} is ${scores[i]}`);
      });
    }
  }
  await browser.close();
  expect(failed).toEqual([]);
});

async function cookieAndCall(browser: Browser, url: string): Promise<[cookie: string, call: string]> {
  const context = await browser.newContext();
  const page: Page = await context.newPage();
  await page.goto(`${url}/sign-in`);
  await signIn(page, desk);
  await page.waitForURL((to) => to.pathname !== "/sign-in");
  const cookies = await context.cookies();
  await page.goto(`${url}/calls`);
  const call = await page.locator('main table a[href^="/calls/"]').first().getAttribute("href");
  if (!call) throw new Error("no call is listed");
  await context.close();
  return [cookies.map((c) => `${c.name}=${c.value}`).join("; "), call];
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((ready) => probe.once("listening", ready));
  const { port } = probe.address() as { port: number };
  await new Promise((done) => probe.close(done));
  return port;
}
