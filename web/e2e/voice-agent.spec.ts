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

test("a caller who rings again is remembered, moves what they booked, and leaves a message", async ({ as, api, patient, request }) => {
  const slots = await (await api()).free("mole-check", 6);
  const [first] = slots;
  const later = slots.find((slot) => slot.practitioner === first.practitioner && slot.starts_at > first.ends_at);
  if (!later) throw new Error("no later time with the same practitioner");
  const caller = patient();
  const number = "+12025550188"; // no patient of the demo has it
  let calls = 0;
  const send = async (message: object) => {
    const answer = await request.post("/api/webhooks/vapi", {
      data: { message: { call: { id: `again-${first.id}` }, customer: { number }, ...message } },
      headers: { "X-Vapi-Secret": northside.secret },
    });
    expect(answer.status()).toBe(200);
    return answer.json();
  };
  const use = async (name: string, args: object) => {
    const { results } = await send({ type: "tool-calls", toolCallList: [{ id: `call_${++calls}`, function: { name, arguments: args } }] });
    return results[0];
  };
  await use("book_appointment", { service: "mole check", slot_id: first.id, name: caller.name });
  await send({ type: "status-update", status: "ended" });

  const known = await send({ type: "assistant-request", call: { id: `third-${first.id}`, phoneNumberId: "p" } });
  expect(known.assistantOverrides.variableValues).toMatchObject({ callerKnown: "yes", lastCallOutcome: "booked", lastCallIntent: "Mole check", nextAppointment: expect.stringMatching(/^Mole check on /) });
  expect(JSON.stringify(known.assistantOverrides)).not.toContain(caller.name.split(" ")[0]);

  const page = await as(desk);
  await page.goto(dayOf(later));
  const next = { id: `second-${first.id}` };
  const tool = async (name: string, args: object) => {
    const { results } = await send({ type: "tool-calls", call: next, toolCallList: [{ id: `call_${++calls}`, function: { name, arguments: args } }] });
    return results[0];
  };
  const asked = await tool("reschedule_appointment", { name: caller.name, slot_id: later.id });
  expect(asked.error).toMatch(/^Shall I move your Mole check from /);
  const moved = await tool("reschedule_appointment", { name: caller.name, slot_id: later.id, confirmed: true });
  expect(moved.result).toMatch(/^Moved: Mole check is now on /);
  const schedule = new Schedule(page);
  await expect(schedule.appointment(caller, "Booked")).toContainText(moment(later.starts_at).time);
  const left = await tool("take_message", { message: "Please send me the leaflet.", name: caller.name });
  expect(left.result).toMatch(/^Your message has been taken\./);
});
