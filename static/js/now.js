// Moves the now line through CSSOM: the policy allows no style attribute in the page.
function place() {
  const cal = document.querySelector(".cal");
  const label = cal?.querySelector(".now-label");
  if (!label) return;
  const zone = document.querySelector("[data-zone-note]")?.dataset.zoneNote;
  const words = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }).format();
  const [hours, minutes] = words.split(":").map(Number);
  // The page may show another moment than now (a demo's frozen clock): then leave it.
  const shown = document.querySelector("[data-now]")?.dataset.now;
  if (!shown || Math.abs(Date.parse(shown) - Date.now()) > 24 * 3600 * 1000) return;
  const from = Number(cal.dataset.from) * 60;
  const to = Number(cal.dataset.to) * 60;
  const at = hours * 60 + minutes;
  if (at < from || at >= to) return;
  const unit = Number.parseFloat(getComputedStyle(cal).getPropertyValue("--u")) || 8;
  const top = `${((at - from) / 5) * unit}px`;
  for (const line of cal.querySelectorAll("[data-now-at]")) line.style.insetBlockStart = top;
  for (const past of cal.querySelectorAll("[data-past]")) past.style.blockSize = top;
  label.lastElementChild.textContent = words;
  // Half an hour's figures looking out from under it would be misread. Measured as drawn: the first hour stands a little lower than its line.
  const middle = (it) => (it.getBoundingClientRect().top + it.getBoundingClientRect().bottom) / 2;
  for (const hour of cal.querySelectorAll(".axis-body > time:not(.now-label)")) {
    hour.classList.toggle("is-under", Math.abs(middle(hour) - middle(label)) < 16);
  }
}

place();
setInterval(place, 20000);
document.addEventListener("htmx:after:swap", place);

// Opened on a short screen, the day starts a little before now.
const scroller = document.getElementById("schedule-grid");
const line = scroller?.querySelector(".now-line");
if (line) {
  const top = line.offsetTop;
  if (top > scroller.clientHeight * 0.75) scroller.scrollTop = top - scroller.clientHeight / 3;
}
