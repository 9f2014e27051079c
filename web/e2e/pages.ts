import { type Page, expect } from "@playwright/test";
import { admin, type Api, clinician, compliance, dayOf, desk, moment, type Patient, Schedule } from "./fixtures";

export interface Place {
  name: string;
  who: string; // empty: nobody is signed in
  address: string;
  status?: number;
}

/** Every page of the product in a state of use; some of them need a booking to be there. */
export async function places(agent: Api, page: Page, somebody: Patient): Promise<Place[]> {
  const [slot] = await agent.free("rhinoplasty", 3);
  const [other] = await agent.free("laser-hair-removal", 3);
  const held = await agent.claim(other, "laser-hair-removal", somebody, 300);
  const booked = await agent.confirm(await agent.claim(slot, "rhinoplasty", somebody));
  const [free] = await agent.free("mole-check", 3);
  await page.goto(dayOf(slot));
  const practitioners = page.getByLabel("Practitioner");
  const practitioner = await practitioners.getByRole("option", { name: slot.practitioner }).getAttribute("value");
  await new Schedule(page).appointment(somebody, "Booked").click();
  const record = await page.getByRole("link", { name: "Open the patient’s record" }).getAttribute("href");
  expect(record).toMatch(/^\/patients\//);
  const { date } = moment(slot.starts_at);
  await page.goto("/calls");
  const called = await page.getByRole("main").getByRole("table").getByRole("link").first().getAttribute("href");
  return [
    { name: "sign-in", who: "", address: "/sign-in" },
    { name: "find", who: desk, address: "/find" },
    { name: "today", who: desk, address: "/today" },
    { name: "schedule-today", who: desk, address: "/schedule" },
    { name: "schedule-day", who: desk, address: `/schedule?date=${date}` },
    { name: "schedule-week", who: desk, address: `/schedule?view=week&date=${date}` },
    { name: "schedule-week-all", who: desk, address: `/schedule?view=week&date=${date}&practitioner=` },
    { name: "schedule-room", who: desk, address: `/schedule?date=${date}&room=room-2` },
    { name: "day-sheet", who: desk, address: `/schedule/sheet?date=${date}` },
    { name: "schedule-service", who: desk, address: `/schedule?date=${date}&service=mole-check` },
    { name: "booking", who: desk, address: `/appointments/new?slot=${free.id}` },
    { name: "booking-no-time", who: desk, address: "/appointments/new" },
    { name: "appointment", who: desk, address: `/appointments/${booked.id}` },
    { name: "appointment-held", who: desk, address: `/appointments/${held.id}` },
    { name: "patients", who: desk, address: "/patients" },
    { name: "patient", who: desk, address: record ?? "" },
    { name: "calls", who: desk, address: "/calls" },
    { name: "calls-filtered", who: admin, address: "/calls?period=7&outcome=abandoned" },
    { name: "call", who: desk, address: called ?? "" },
    { name: "call-glass", who: clinician, address: `${called}/glass` },
    { name: "call-rules", who: admin, address: `${called}/rules` },
    { name: "patient-glass", who: desk, address: `${record}/glass` },
    { name: "call-miss", who: desk, address: `${called}/misses/new` },
    { name: "call-reviews", who: compliance, address: "/calls/reviews" },
    { name: "sessions", who: desk, address: "/sessions" },
    { name: "settings-practitioners", who: admin, address: "/settings/practitioners" },
    { name: "settings-practitioner", who: admin, address: `/settings/practitioners/${practitioner}` },
    { name: "settings-services", who: admin, address: "/settings/services" },
    { name: "settings-service-new", who: admin, address: "/settings/services/new" },
    { name: "settings-team", who: admin, address: "/settings/team" },
    { name: "settings-closures", who: admin, address: "/settings/closures" },
    { name: "settings-agents", who: admin, address: "/settings/agents" },
    { name: "settings-secret-new", who: admin, address: "/settings/agents/secrets/new" },
    { name: "settings-read-only", who: desk, address: "/settings/practitioners" },
    { name: "isolation", who: admin, address: "/isolation" },
    { name: "nothing-here", who: desk, address: "/appointments/01890000-0000-7000-8000-000000000000", status: 404 },
    { name: "not-for-your-role", who: desk, address: "/isolation", status: 403 },
    { name: "not-a-date", who: desk, address: "/schedule?date=soon", status: 422 },
    { name: "states", who: "", address: "/_states" },
  ];
}

/** The addresses of all canned states. */
export async function states(page: Page): Promise<string[]> {
  await page.goto("/_states");
  const links = page.getByRole("main").getByRole("listitem").getByRole("link");
  const addresses = await links.evaluateAll((list) => list.map((link) => link.getAttribute("href") ?? ""));
  expect(addresses.length).toBeGreaterThan(20);
  return addresses;
}
