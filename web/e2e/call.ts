import type { APIRequestContext, Page } from "@playwright/test";
import { expect, northside, type Patient } from "./fixtures";

/** A call to Northside, or to the clinic of the secret, one message of the voice platform at a time. */
export class Call {
  readonly began = Date.now();

  constructor(
    readonly request: APIRequestContext,
    readonly id: string,
    readonly number: string,
    readonly secret = northside.secret,
  ) {}

  async send(message: object): Promise<{ results?: { result?: string }[] }> {
    const common = { call: { id: this.id, type: "inboundPhoneCall" }, customer: { number: this.number }, timestamp: Date.now() };
    const answer = await this.request.post("/api/webhooks/vapi", { data: { message: { ...common, ...message } }, headers: { "X-Vapi-Secret": this.secret } });
    expect(answer.status()).toBe(200);
    return answer.headers()["content-type"]?.includes("json") ? answer.json() : {};
  }

  async tool(name: string, args: object): Promise<string> {
    const call = { id: `${this.id}-${name}`, type: "function", function: { name, arguments: args } };
    const { results } = await this.send({ type: "tool-calls", toolCallList: [call] });
    return results?.[0].result ?? "";
  }

  /** Ends the call and tells what was said: who, what, and how long the answer took. */
  async end(said: [role: "bot" | "user", message: string, took?: number][]): Promise<void> {
    await this.send({ type: "status-update", status: "ended", endedReason: "customer-ended-call" });
    const messages = said.map(([role, message], i) => ({ role, message, secondsFromStart: i * 5, duration: 3000, time: this.began + i * 5000 }));
    const turnLatencies = said.flatMap(([, , took]) => (took ? [{ turnLatency: took, endpointingLatency: 100, transcriberLatency: 80, modelLatency: took - 250, voiceLatency: 70 }] : []));
    const at = (ms: number) => new Date(ms).toISOString();
    await this.send({
      type: "end-of-call-report",
      endedReason: "customer-ended-call",
      startedAt: at(this.began),
      endedAt: at(this.began + said.length * 5000),
      artifact: { messages, performanceMetrics: { turnLatencies } },
    });
  }
}

export const said = (caller: Patient): [role: "bot" | "user", message: string, took?: number][] => [
  ["bot", "Good morning, Northside Aesthetics. How can I help?"],
  ["user", `Hello, my name is ${caller.name} and I have asthma. The zebra in your window made me call.`],
  ["bot", "Thank you. What number can we reach you on?", 640],
  ["user", `It is ${caller.phone}.`],
  ["bot", "That is noted. Goodbye.", 1184],
];

/** The newest call of the list, once it was recorded. */
export async function open(page: Page, word: string): Promise<string> {
  await page.goto("/calls");
  const found = page.getByRole("main").getByRole("table").getByRole("link", { name: word });
  await expect(async () => {
    await page.getByLabel("Words that were said").fill("");
    await page.getByLabel("Words that were said").fill(word);
    await expect(found.first()).toBeVisible({ timeout: 2000 });
  }).toPass();
  expect(page.url()).toMatch(/\/calls$/); // what was typed is in no address
  await found.first().click();
  await expect(page.getByRole("heading", { name: "Conversation" })).toBeVisible();
  return new URL(page.url()).pathname;
}

/** The name of a chip that may be opened. */
export const shows = (what: string) => new RegExp(`^${what}\\s*, hidden, show it$`);

export const talk = (page: Page) => page.getByRole("region", { name: "Conversation" });

export async function recorded(request: APIRequestContext, caller: Patient, word: string): Promise<void> {
  const call = new Call(request, `call-${word}-${Date.now()}`, `+44${caller.phone.slice(1).replace(" ", "")}`);
  await call.end(said(caller).map(([role, words, took]) => [role, words.replace("zebra", word), took]));
}
