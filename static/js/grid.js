// Arrow keys walk the schedule: up and down in a column, left and right to the
// nearest thing at that time. Enter follows the link, as everywhere.
const grid = () => document.getElementById("schedule-grid");
const targets = (body) =>
  [...body.querySelectorAll("li > a, .hold > .hold-link, .hold button")].filter((it) => it.checkVisibility());

function beside(from, step) {
  const bodies = [...grid().querySelectorAll(".col-body")];
  const body = bodies[bodies.indexOf(from.closest(".col-body")) + step];
  if (!body) return null;
  const y = from.getBoundingClientRect().top;
  let best = null;
  let bestBy = Infinity;
  for (const to of targets(body)) {
    const box = to.getBoundingClientRect();
    const by = y >= box.top && y < box.bottom ? 0 : Math.min(Math.abs(box.top - y), Math.abs(box.bottom - y));
    if (by < bestBy) [best, bestBy] = [to, by];
  }
  return best;
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const region = grid();
  if (!region?.contains(event.target)) return;
  const body = event.target.closest(".col-body");
  if (!body) {
    if (event.target === region && event.key === "ArrowDown") {
      const first = region.querySelector(".fs > a") ?? region.querySelector("li > a");
      if (first) {
        event.preventDefault();
        first.focus();
      }
    }
    return;
  }
  let to = null;
  const list = targets(body);
  const at = list.indexOf(event.target);
  switch (event.key) {
    case "ArrowDown": to = list[at + 1]; break;
    case "ArrowUp": to = list[at - 1]; break;
    case "Home": to = list[0]; break;
    case "End": to = list.at(-1); break;
    case "ArrowRight": to = beside(event.target, 1); break;
    case "ArrowLeft": to = beside(event.target, -1); break;
    default: return;
  }
  event.preventDefault();
  to?.focus();
});

// On a phone one column is seen: its tab is marked, and a tab goes to its column without moving through the day.
const tabs = () => [...document.querySelectorAll("#column-tabs > a")];
let marking = 0;

function mark() {
  marking = 0;
  const region = grid();
  const axis = region?.querySelector(".axis")?.offsetWidth ?? 0;
  const columns = [...(region?.querySelectorAll(".col") ?? [])];
  const seen = columns.findIndex((it) => it.offsetLeft - axis >= region.scrollLeft - it.offsetWidth / 2);
  tabs().forEach((tab, i) => {
    if (i !== seen) return tab.removeAttribute("aria-current");
    if (tab.ariaCurrent) return;
    tab.setAttribute("aria-current", "true");
    if (tab.offsetParent) tab.parentElement.scrollTo({ left: tab.offsetLeft - 48 });
  });
}

document.addEventListener("click", (event) => {
  const at = tabs().indexOf(event.target.closest?.("#column-tabs > a"));
  if (at < 0) return;
  event.preventDefault();
  const column = grid().querySelectorAll(".col")[at];
  grid().scrollTo({ left: column.offsetLeft - grid().querySelector(".axis").offsetWidth });
});
document.addEventListener("scroll", (event) => event.target === grid() && (marking ||= requestAnimationFrame(mark)), true);
document.addEventListener("htmx:after:swap", mark);
mark();
