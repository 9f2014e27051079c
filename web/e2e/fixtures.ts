import { type APIRequestContext, type BrowserContext, type Locator, type Page, expect, test as base } from "@playwright/test";
import { Server } from "./server";
import { Watch } from "./watch";

export { expect };

export const password = "anteroom-demo";
export const desk = "frontdesk@northside.example";
export const admin = "admin@northside.example";
export const clinician = "clinician@northside.example";
export const compliance = "compliance@northside.example"; // works at both clinics
export const otherDesk = "frontdesk@lakeview.example";

export const northside = { key: "ak_demo_northside", secret: "vs_demo_northside", zone: "Europe/London" };
export const lakeview = { key: "ak_demo_lakeview", secret: "vs_demo_lakeview", zone: "America/New_York" };

type Cookies = Awaited<ReturnType<BrowserContext["storageState"]>>;

interface Test {
  /** Notes what every page of the test says to the console, and every address and title: see watch.ts. */
  watch: Watch;
  /** A browser of its own, signed in as somebody. */
  as: (email: string) => Promise<Page>;
  /** The API with a clinic's key. */
  api: (key?: string) => Promise<Api>;
  /** Somebody who was never here before. */
  patient: () => Patient;
}

interface Worker {
  server: Server;
  sessions: Map<string, Cookies>;
  people: { made: number };
}

export const test = base.extend<Test, Worker>({
  server: [
    async ({}, use) => {
      const server = await Server.start();
      await use(server);
      await server.stop();
    },
    { scope: "worker", timeout: 300_000 },
  ],
  sessions: [async ({}, use) => use(new Map()), { scope: "worker" }],
  people: [async ({}, use) => use({ made: 0 }), { scope: "worker" }],

  baseURL: async ({ server }, use) => use(server.url),

  watch: [
    async ({ server }, use, info) => {
      const watch = new Watch();
      const said = server.log().length;
      await use(watch);
      if (info.status !== info.expectedStatus) {
        await info.attach("server", { body: server.log().slice(said), contentType: "text/plain" });
        console.log(server.log().slice(said));
        return;
      }
      await watch.check();
    },
    { auto: true },
  ],

  context: async ({ context, watch }, use) => {
    watch.follow(context);
    await use(context);
  },

  as: async ({ browser, sessions, watch }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (email) => {
      const context = await browser.newContext({ storageState: sessions.get(email) });
      opened.push(context);
      watch.follow(context);
      const page = await context.newPage();
      if (!sessions.has(email)) {
        await page.goto("/sign-in");
        await signIn(page, email);
        sessions.set(email, await context.storageState());
      }
      return page;
    });
    await watch.settled();
    for (const context of opened) await context.close();
  },

  api: async ({ playwright, baseURL }, use) => {
    const opened: APIRequestContext[] = [];
    await use(async (key = northside.key) => {
      const request = await playwright.request.newContext({ baseURL, extraHTTPHeaders: { Authorization: `Bearer ${key}` } });
      opened.push(request);
      return new Api(request);
    });
    for (const request of opened) await request.dispose();
  },

  patient: async ({ people, watch }, use) =>
    use(() => {
      // 020 7946 0xxx is kept for fiction (Ofcom), and the demo's people have the mobile range of it.
      const somebody = { name: nameOf(people.made), phone: `020 7946 0${String(people.made % 1000).padStart(3, "0")}` };
      people.made++;
      watch.secret(somebody.name);
      return somebody;
    }),
});

const syllables = ["bra", "dol", "fen", "gwi", "hax", "kel", "lom", "nur", "pim", "ruz", "tov", "wex"];

/** A name that nobody else has, not even in its first five letters, and that is no word of ours. */
function nameOf(n: number): string {
  const [a, b, c] = [n % 12, Math.floor(n / 12) % 12, Math.floor(n / 144) % 12].map((digit) => syllables[digit]);
  return `Zy${a}${b} Qu${b}${a}${c}`;
}

export interface Patient {
  name: string;
  phone: string;
}

/** Signs in on the page that is open. */
export async function signIn(page: Page, email: string, secret = password): Promise<void> {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(secret);
  await page.getByRole("button", { name: "Sign in" }).click();
}

export interface Slot {
  id: string;
  practitioner: string;
  starts_at: string;
  ends_at: string;
}

export interface Hold {
  id: string;
  slot_id: string;
  starts_at: string;
  expires_at: string;
}

/** What a voice agent asks of the API. */
export class Api {
  constructor(readonly request: APIRequestContext) {}

  /** Free times for a service, from now or from the beginning of a later day: what is left of a day at this hour may be too little. */
  async free(service: string, daysAhead = 3, limit = 20): Promise<Slot[]> {
    const from = daysAhead === 0 ? new Date().toISOString() : `${dayAway(daysAhead)}T00:00:00Z`;
    const answer = await this.request.get("/api/slots", { params: { service, from, limit } });
    expect(answer.status()).toBe(200);
    const { slots } = await answer.json();
    expect(slots.length, `free times for ${service}`).toBeGreaterThan(0);
    return slots;
  }

  async claim(slot: Slot, service: string, patient: Patient, seconds = 120): Promise<Hold> {
    const answer = await this.request.post(`/api/slots/${slot.id}/claim`, {
      data: { service, patient, call_id: `call-${slot.id}`, hold_seconds: seconds },
    });
    expect(answer.status()).toBe(200);
    return (await answer.json()).hold;
  }

  async confirm(hold: Hold): Promise<{ id: string; status: string }> {
    const answer = await this.request.post(`/api/holds/${hold.id}/confirm`, { data: {} });
    expect(answer.status()).toBe(201);
    return (await answer.json()).appointment;
  }
}

/** A time as the schedule says it: its day, and "Tue 10:30". */
export function moment(at: string, zone = northside.zone): { date: string; words: string; time: string } {
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }).format(new Date(at));
  const time = part({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return {
    date: new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short" }).format(new Date(at)),
    words: `${part({ weekday: "short" })} ${time}`,
    time,
  };
}

/** A day so many days from today by the clinic's calendar, on which days have 23 or 25 hours as well. */
export function dayAway(days: number, zone = northside.zone): string {
  const [year, month, day] = moment(new Date().toISOString(), zone).date.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1, day + days)).toISOString().slice(0, 10);
}

/** The day on which a slot is, with every practitioner. */
export const dayOf = (slot: { starts_at: string }, zone = northside.zone) =>
  `/schedule?date=${moment(slot.starts_at, zone).date}&practitioner=`;

/** The schedule, as a person meets it. */
export class Schedule {
  readonly grid: Locator;

  constructor(readonly page: Page) {
    this.grid = page.getByRole("region", { name: /^Schedule, / });
  }

  column(practitioner: string): Locator {
    return this.grid.locator("section").filter({ has: this.page.getByRole("heading", { name: practitioner }) });
  }

  /** The link that books a slot. */
  free(slot: Slot): Locator {
    return this.column(slot.practitioner).getByRole("link", { name: new RegExp(`^${moment(slot.starts_at).words}, .*, free `) });
  }

  /** The hold of a slot. */
  held(slot: Slot): Locator {
    return this.column(slot.practitioner).getByRole("listitem").filter({ hasText: `${moment(slot.starts_at).words}, ` }).filter({ hasText: "Held" });
  }

  /** A patient's appointment, in the state that is named. */
  appointment(patient: Patient, state: string): Locator {
    return this.grid.getByRole("link", { name: new RegExp(`^${patient.name}\\s*, ${state}\\b`) });
  }
}

/** Fills in the form that books, without sending it. */
export async function fillBooking(page: Page, service: string, patient: Patient): Promise<void> {
  await page.getByLabel("Service").selectOption(service);
  await page.getByLabel("Patient", { exact: true }).fill(patient.name);
  await page.getByLabel("Phone").fill(patient.phone);
}

/** The button that sends the form. */
export const bookButton = (page: Page) => page.getByRole("main").getByRole("button", { name: /^Book/ });
