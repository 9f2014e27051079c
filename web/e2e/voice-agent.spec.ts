import { dayOf, desk, expect, moment, northside, Schedule, test } from "./fixtures";
import { run } from "./server";

test("a whole call is played: the hold appears on the open schedule, then the booking", async ({ as, api, patient, server }) => {
  const [slot] = await (await api()).free("rhinoplasty", 0); // what the agent offers first
  const caller = patient();
  const page = await as(desk);
  const schedule = new Schedule(page);
  await page.goto(dayOf(slot));
  await expect(schedule.free(slot)).toBeVisible();

  const call = run("simulate", "call", "--server", server.url, "--clinic", "northside", "--outcome", "booked", "--name", caller.name);
  await expect(schedule.held(slot)).toBeVisible();
  await expect(schedule.held(slot)).toContainText(/on the phone for \d:\d\d/);
  await expect(schedule.appointment(caller, "Booked")).toBeVisible();
  await expect(schedule.appointment(caller, "Booked")).toContainText("Booked by ");
  expect(await call).toContain("booked.");
});

test("a tool call of the voice agent books, once, however often it is delivered", async ({ as, api, patient, request }) => {
  const [slot] = await (await api()).free("botox", 5);
  const caller = patient();
  const page = await as(desk);
  await page.goto(dayOf(slot));
  const body = {
    message: {
      type: "tool-calls",
      call: { id: `call-${slot.id}`, type: "inboundPhoneCall" },
      customer: { number: "+447700900377" },
      toolCallList: [
        { id: "call_1", type: "function", function: { name: "book_appointment", arguments: { service: "botox", starts_at: slot.starts_at, name: caller.name } } },
      ],
    },
  };
  const deliver = () => request.post("/api/webhooks/vapi", { data: body, headers: { "X-Vapi-Secret": northside.secret } });
  const first = await deliver();
  expect(first.status()).toBe(200);
  const said = (await first.json()).results[0];
  expect(said).toMatchObject({ toolCallId: "call_1", name: "book_appointment", result: expect.stringMatching(/^Booked: Anti-wrinkle treatment on /) });
  const schedule = new Schedule(page);
  await expect(schedule.appointment(caller, "Booked")).toBeVisible();
  await expect(schedule.appointment(caller, "Booked")).toContainText(moment(slot.starts_at).time);

  expect(await (await deliver()).json()).toEqual({ results: [said] });
  await expect(schedule.appointment(caller, "Booked")).toHaveCount(1);
  const stranger = await request.post("/api/webhooks/vapi", { data: body, headers: { "X-Vapi-Secret": "vs_of_nobody" } });
  expect(stranger.status()).toBe(401);
});
