// Keeps the clinic's clock right, and names its zone when this browser's is another.
const note = document.querySelector("[data-zone-note]");
if (note?.dataset.zoneNote) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const offset = (timeZone) =>
    new Intl.DateTimeFormat("en", { timeZone, hour: "2-digit", minute: "2-digit", day: "2-digit", hourCycle: "h23" }).format();
  try {
    if (here && offset(here) !== offset(note.dataset.zoneNote)) note.hidden = false;
  } catch {
    // A zone this browser does not know: better to name the clinic's.
    note.hidden = false;
  }
}

function tick() {
  for (const clock of document.querySelectorAll("[data-clock]")) {
    clock.textContent = new Intl.DateTimeFormat("en-GB", {
      timeZone: clock.dataset.clock, hour: "2-digit", minute: "2-digit", hourCycle: "h23",
    }).format();
  }
}
if (document.querySelector("[data-clock]")) setInterval(tick, 15000);
