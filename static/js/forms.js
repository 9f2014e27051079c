// Filters that apply themselves, a form that is sent once, focus on what was refused, and a print button.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-autosubmit]")) event.target.form?.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  // A second press while the first is under way would book twice or lose a race to itself.
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
});
// Coming back from the browser's cache, the form may be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});

function ready(root) {
  for (const button of root.querySelectorAll("[data-print]")) button.hidden = false;
  // Once: the next part that comes in by itself must not take the focus from whoever types.
  const refused = root.querySelector("[data-focus]");
  refused?.focus();
  refused?.removeAttribute("data-focus");
}
ready(document);
document.addEventListener("htmx:after:swap", () => ready(document));
