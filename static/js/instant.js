/** When it is so many minutes past midnight on a day in the clinic's zone. */
export function instant(day, minutes) {
  const zone = document.querySelector("[data-zone-note]").dataset.zoneNote;
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric",
  });
  const offset = (at) => {
    const part = Object.fromEntries(format.formatToParts(at).map((it) => [it.type, Number(it.value)]));
    return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute) - at;
  };
  const [year, month, date] = day.split("-").map(Number);
  const wall = Date.UTC(year, month - 1, date, 0, minutes);
  return new Date(wall - offset(wall - offset(wall))).toISOString().replace(".000Z", "Z");
}
