// Copies what a block holds. Without script there is no button: the text can be selected.
function show() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copies]")) button.hidden = false;
}
show();
document.addEventListener("htmx:after:swap", show);

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  const from = button && document.getElementById(button.dataset.copies);
  if (!from) return;
  const words = button.querySelector("[data-copy-words]");
  const before = (button.dataset.words ??= words.textContent);
  try {
    await navigator.clipboard.writeText(from.textContent);
    words.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(from);
    words.textContent = "Selected: copy it by keyboard";
  }
  clearTimeout(button.back);
  button.back = setTimeout(() => (words.textContent = before), 3000);
});
