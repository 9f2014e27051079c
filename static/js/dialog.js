// Opens a <dialog> as a modal and closes it; without script the link shows it through :target.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (dialog instanceof HTMLDialogElement) {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  const closer = event.target.closest("dialog [data-close]");
  if (closer && closer.closest("dialog").open) {
    event.preventDefault();
    closer.closest("dialog").close();
    return;
  }
  // A press on the backdrop lands on the dialog itself.
  if (event.target instanceof HTMLDialogElement && event.target.open) {
    const box = event.target.getBoundingClientRect();
    const inside =
      event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
});

// A dialog that an answer brought opens by itself; one that was answered is gone from the page.
function showBrought() {
  const brought = document.querySelector("dialog[data-show]:not([open])");
  if (!brought) return;
  delete brought.dataset.show;
  brought.showModal();
}
showBrought();
document.addEventListener("htmx:after:swap", showBrought);

// One that holds a form which was refused opens by itself.
document.querySelector("dialog[data-open]")?.showModal();

// The address may name a dialog, as when script was slow to come.
const named = location.hash && document.getElementById(location.hash.slice(1));
if (named instanceof HTMLDialogElement) named.showModal();
