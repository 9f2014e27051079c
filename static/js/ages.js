// What grows with time: ages ("12 min"), the length of a call ("1:48"), the now line of the day. All by the server's clock. When something
// will need a person merely because time went by, the page asks for itself.
let offset = 0;
let asked = "";

function setClock() {
  // Of the page's and the sidebar's the later one came last.
  const told = [document.querySelector("[data-now]")?.dataset.now, document.getElementById("pulse")?.dataset.at];
  const now = Math.max(...told.map((text) => Date.parse(text) || 0));
  if (now) offset = now - Date.now();
}

const span = (minutes) => {
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest ? `${Math.floor(minutes / 60)} h ${rest} min` : `${minutes / 60} h`;
};

function write(place, words) {
  if (place.textContent !== words) place.textContent = words;
}

function step() {
  const now = Date.now() + offset;
  const since = (text) => Math.max(0, Math.floor((now - Date.parse(text)) / 1000));
  for (const place of document.querySelectorAll("[data-age-from]")) write(place, span(Math.floor(since(place.dataset.ageFrom) / 60)));
  for (const place of document.querySelectorAll("[data-runs-from]")) {
    const s = since(place.dataset.runsFrom);
    write(place, `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`);
  }
  nowLine(new Date(now));
  const due = document.querySelector("[data-changes-at]")?.dataset.changesAt;
  if (due && due !== asked && now >= Date.parse(due)) {
    asked = due;
    document.body.dispatchEvent(new CustomEvent("schedule", { bubbles: true }));
  }
}

function nowLine(now) {
  const line = document.querySelector("[data-ribbon-now]");
  if (!line) return;
  const { from, to } = line.closest("[data-ribbon]").dataset;
  const timeZone = document.querySelector("[data-zone-note]")?.dataset.zoneNote;
  const words = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(now);
  const [hours, minutes] = words.split(":").map(Number);
  const at = (hours * 60 + minutes - from * 60) / ((to - from) * 60);
  if (at < 0 || at > 1) return;
  line.setAttribute("x", `${(at * 100).toFixed(2)}%`);
  write(line.querySelector("text"), words);
  // The hours that stand under it are left out: cut off, 11:00 reads as 1:00.
  const label = line.querySelector("rect").getBoundingClientRect();
  for (const hour of document.querySelectorAll(".lane-axis text")) {
    const { left, right } = hour.getBoundingClientRect();
    hour.classList.toggle("is-under", right > label.left - 4 && left < label.right + 4);
  }
}

setClock();
step();
setInterval(step, 1000);
document.addEventListener("htmx:after:swap", () => {
  setClock();
  step();
});
