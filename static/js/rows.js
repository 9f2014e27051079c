// The hours editor: add a row, remove a row. Without it the spare rows do, and empty ones are ignored.
for (const form of document.querySelectorAll("[data-rows]")) {
  const box = form.querySelector("[data-rows-in]");
  const rows = () => [...box.querySelectorAll("[data-row]")];
  const add = form.querySelector("[data-row-add]");
  if (!add || box.closest("fieldset").disabled) continue;
  add.hidden = false;

  const arm = (row) => {
    const button = row.querySelector("[data-row-remove]");
    button.hidden = false;
    button.onclick = () => {
      const next = row.nextElementSibling ?? row.previousElementSibling;
      if (rows().length > 1) row.remove();
      next?.querySelector("select")?.focus();
    };
  };

  // The spare rows were for a page without script; one model of a row is kept aside.
  const model = rows().at(-1).cloneNode(true);
  for (const row of rows()) {
    if ("spare" in row.dataset && rows().length > 1 && !row.querySelector("input").value) row.remove();
    else arm(row);
  }
  let made = 0;
  add.onclick = () => {
    const row = model.cloneNode(true);
    for (const field of row.querySelectorAll("[id]")) field.id = `new${made}-${field.name}`;
    made++;
    const last = rows().at(-1)?.querySelector("select");
    if (last) row.querySelector("select").value = String(Math.min(7, Number(last.value) + 1));
    box.append(row);
    arm(row);
    row.querySelector("select").focus();
  };
}
