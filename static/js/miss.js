// Words that are selected in the conversation can be marked as missed by the rules. The server counts bytes, and is told what was seen.
const bar = document.getElementById("miss-bar");
const dialog = document.getElementById("miss");
const bytes = new TextEncoder();
let mark = null;

// selected is the selection when it lies in one readable piece of what was said, without the blanks around it.
function selected() {
  const range = getSelection().rangeCount ? getSelection().getRangeAt(0) : null;
  const piece = range?.startContainer.parentElement?.closest("[data-at]");
  if (!piece || range.collapsed) return null;
  const text = range.startContainer.data;
  let [from, to] = [range.startOffset, range.endOffset];
  if (range.startContainer !== range.endContainer) {
    // Three clicks take a whole piece and end before the first letter of the next.
    if (range.toString().trim() !== text.slice(from).trim()) return null;
    to = text.length;
  }
  while (from < to && /\s/.test(text[from])) from++;
  while (to > from && /\s/.test(text[to - 1])) to--;
  if (from === to) return null;
  const starts = Number(piece.dataset.at) + bytes.encode(text.slice(0, from)).length;
  const seen = text.slice(from, to);
  return { seq: piece.closest("[data-seq]").dataset.seq, starts, ends: starts + bytes.encode(seen).length, seen };
}

function ask() {
  if (!mark) return false;
  for (const name of ["seq", "starts", "ends", "seen"]) dialog.querySelector(`[name=${name}]`).value = mark[name];
  dialog.querySelector("[data-quote]").textContent = mark.seen;
  bar.hidden = true;
  dialog.showModal();
  return true;
}

if (bar) {
  const look = () => {
    if (dialog.open) return;
    mark = selected();
    bar.hidden = !mark;
    if (mark) bar.querySelector("[data-quote]").textContent = mark.seen;
  };
  document.addEventListener("selectionchange", look);
  look(); // somebody may have selected before this script came
  // A press would clear the selection before it is read.
  for (const button of document.querySelectorAll("[data-mark], [data-miss]")) button.addEventListener("mousedown", (event) => event.preventDefault());
  bar.querySelector("[data-mark]").addEventListener("click", ask);
  document.querySelector("[data-miss]")?.addEventListener("click", (event) => {
    if (ask()) event.preventDefault();
  });
}
