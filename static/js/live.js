// What is new after the schedule asked for itself gets a soft ring, and is said aloud once.
const quiet = matchMedia("(prefers-reduced-motion: reduce)");
const ringFor = 6000;
const ringed = new Map(); // id → when the ring ends
let before = null;

const states = () => {
  const seen = new Map();
  for (const item of document.querySelectorAll("#schedule-grid li[id]")) {
    seen.set(item.id, item.className.replace(/ ?is-new/, ""));
  }
  return seen;
};
const state = (words) => /\bs-[a-z]+/.exec(words ?? "")?.[0];

document.addEventListener("htmx:before:swap", (event) => {
  if (event.detail.ctx?.target?.id === "schedule-grid") before = states();
});

document.addEventListener("htmx:after:swap", () => {
  if (!before) return;
  const news = [];
  for (const [id, now] of states()) {
    const was = before.get(id);
    // Late comes by itself, with time; it is not news.
    if (state(was) === state(now) || state(now) === "s-late") continue;
    news.push(document.getElementById(id));
    ringed.set(id, Date.now() + ringFor);
  }
  before = null;
  paint();
  if (news.length) say(news);
});

function paint() {
  for (const [id, until] of ringed) {
    const item = document.getElementById(id);
    const over = !quiet.matches && Date.now() >= until;
    if (!item || over) ringed.delete(id);
    item?.classList.toggle("is-new", !over);
  }
  if (ringed.size && !quiet.matches) setTimeout(paint, 500);
}

// With reduced motion the ring stays until it was seen.
for (const kind of ["pointerover", "focusin"]) {
  document.addEventListener(kind, (event) => {
    const item = event.target.closest?.("li.is-new");
    if (!item || !quiet.matches) return;
    ringed.delete(item.id);
    item.classList.remove("is-new");
  });
}

function say(news) {
  const place = document.getElementById("said");
  if (!place) return;
  const first = news[0].textContent.replace(/\s+/g, " ").trim();
  place.textContent = news.length === 1 ? `Changed: ${first}` : `${news.length} changes on the schedule`;
}
