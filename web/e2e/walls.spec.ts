import { dayOf, desk, expect, lakeview, moment, otherDesk, Schedule, test } from "./fixtures";

test("nobody at another clinic opens what is this clinic’s", async ({ as, api, patient, watch }) => {
  watch.expectRefusal(404);
  const agent = await api();
  const [slot, next] = await agent.free("laser-hair-removal", 5);
  const somebody = patient();
  const booked = await agent.confirm(await agent.claim(slot, "laser-hair-removal", somebody));

  const page = await as(desk);
  await page.goto(dayOf(slot));
  await new Schedule(page).appointment(somebody, "Booked").click();
  await page.getByRole("link", { name: "Open the patient’s record" }).click();
  await expect(page.getByRole("heading", { level: 1, name: somebody.name })).toBeVisible();
  const ours = [`/appointments/${booked.id}`, new URL(page.url()).pathname, `/appointments/new?slot=${next.id}`];

  const other = await as(otherDesk);
  for (const address of ours) {
    const answer = await other.goto(address);
    expect(answer?.status(), address).toBe(404);
    await expect(other.getByRole("heading", { level: 1, name: "Nothing here" })).toBeVisible();
    await expect(other.getByText(somebody.name)).toHaveCount(0);
    await expect(other.getByText(moment(slot.starts_at).words)).toHaveCount(0);
  }
  await other.goto("/patients");
  await other.getByLabel("Name, phone or e-mail").fill(somebody.name);
  await other.getByRole("main").getByRole("button", { name: "Search" }).click();
  await expect(other.getByText("Nobody found")).toBeVisible();
});

test("the key of another clinic finds nothing of this one", async ({ api, patient }) => {
  const [ours, theirs] = [await api(), await api(lakeview.key)];
  const [slot, next] = await ours.free("filler", 5);
  const hold = await ours.claim(slot, "filler", patient());
  for (const [verb, path] of [
    ["get", `/api/appointments/${hold.id}`],
    ["post", `/api/slots/${next.id}/claim`],
    ["post", `/api/holds/${hold.id}/confirm`],
    ["post", `/api/holds/${hold.id}/extend`],
    ["delete", `/api/holds/${hold.id}`],
    ["post", `/api/appointments/${hold.id}/cancel`],
  ] as const) {
    const data = path.endsWith("/claim") ? { service: "flu-shot", patient: patient(), call_id: "c1" } : verb === "post" ? {} : undefined;
    const answer = await theirs.request[verb](path, { data });
    expect(answer.status(), `${verb} ${path}`).toBe(404);
    expect(answer.headers()["content-type"]).toContain("application/problem+json");
  }
  expect((await theirs.request.get("/api/slots?service=filler")).status()).not.toBe(200);
  expect((await ours.confirm(hold)).status).toBe("booked"); // nothing of it was touched
});
