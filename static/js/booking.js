// The booking form: who was found and chosen stands in the field, so that what is read is who comes.
document.addEventListener("change", (event) => {
  const pick = event.target.closest?.("#booking [data-pick]");
  if (!pick?.value) return;
  const name = pick.closest(".pick")?.querySelector("b")?.textContent;
  const field = document.getElementById("f-name");
  if (name && field) field.value = name;
});

// From the field down into the list of who was found, as in every list; there the arrows choose.
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" || event.target.id !== "f-name") return;
  const first = document.querySelector("#patient-picks [data-pick]");
  if (!first) return;
  event.preventDefault();
  first.focus();
  first.click();
});

// With script the button says what it books: a new start comes back with the form.
function say() {
  for (const button of document.querySelectorAll("#booking [data-says]")) button.textContent = button.dataset.says;
}
say();
document.addEventListener("htmx:after:swap", say);
