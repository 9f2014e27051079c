import { type BrowserContext, type ConsoleMessage, expect, type Page } from "@playwright/test";

// A window is called what the page is, and after the clinic: never after a patient.
const title = /^[A-Z][A-Za-z’ -]{2,40} · (Northside Aesthetics|Newcomer Clinic|Lakeview Family Practice|The Northside Aesthetics and Reconstructive Surgery Partnership|Anteroom)$/;

// What an address may be made of: words of ours, dates, times and ids. A name begins with a capital or has a space.
const address = /^[a-z0-9_\-/?&=.:]*$/;

/**
 * Watch sees what every page of a test writes to the console and asks the server for. A test passes only if nothing complained
 * (scripts, the Content-Security-Policy, missing files) and if no address and no title held a patient's name.
 */
export class Watch {
  private readonly problems: string[] = [];
  private readonly titles = new Set<string>();
  private readonly addresses = new Set<string>();
  private readonly secrets: string[] = [];
  private readonly refusals = new Set<number>();
  private readonly failures: RegExp[] = [];
  private pending: Promise<void>[] = [];

  /** Statuses with which the server is meant to refuse something in this test: the browser reports each. */
  expectRefusal(...statuses: number[]): void {
    for (const status of statuses) this.refusals.add(status);
  }

  /** What the browser says when this test breaks the connection on purpose. */
  expectFailure(words: RegExp): void {
    this.failures.push(words);
  }

  /** A patient's name that no title and no address may hold. */
  secret(name: string): void {
    this.secrets.push(...name.toLowerCase().split(" "));
  }

  follow(context: BrowserContext): void {
    context.on("console", (message) => this.hear(message));
    context.on("weberror", (error) => this.problems.push(`script: ${error.error().stack ?? error.error()}`));
    context.on("request", (request) => this.note(request.url()));
    context.on("page", (page) => this.read(page));
  }

  /** Waits until the titles of all pages so far are known. */
  async settled(): Promise<void> {
    const pending = this.pending;
    this.pending = [];
    await Promise.all(pending);
  }

  async check(): Promise<void> {
    await this.settled();
    const names = [...this.titles, ...this.addresses].filter((text) => this.secrets.some((word) => text.toLowerCase().includes(word)));
    expect.soft(this.problems, "what pages complained of").toEqual([]);
    expect.soft(names, "titles and addresses with a patient’s name").toEqual([]);
    expect.soft([...this.titles].filter((text) => !title.test(text)), "titles that are none of ours").toEqual([]);
    expect.soft([...this.addresses].filter((text) => !address.test(text)), "addresses that hold more than words, dates and ids").toEqual([]);
  }

  private hear(message: ConsoleMessage): void {
    if (message.type() !== "error" && message.type() !== "warning") return;
    const status = /^Failed to load resource: .* status of (\d+)/.exec(message.text())?.[1];
    if (status && this.refusals.has(Number(status))) return;
    if (this.failures.some((words) => words.test(message.text()))) return;
    this.problems.push(`${message.type()}: ${message.text()} (${message.location().url})`);
  }

  private note(url: string): void {
    const { pathname, search } = new URL(url);
    if (!pathname.startsWith("/static/")) this.addresses.add(decodeURIComponent((pathname + search).replaceAll("+", " ")));
  }

  private read(page: Page): void {
    page.on("framenavigated", (frame) => frame.url().startsWith("http") && this.note(frame.url()));
    page.on("domcontentloaded", () => {
      // A page that is left at once has no title to read any more.
      this.pending.push(page.evaluate(() => document.title).then((text) => void this.titles.add(text), () => undefined));
    });
  }
}
