// The command palette: Ctrl K or ⌘K, or the search field of the sidebar. The field keeps the focus; arrow keys walk what was found, Enter
// follows it. Without this file the same field leads to a page.
const dialog = document.getElementById("palette");
if (dialog) {
  const field = dialog.querySelector('[role="combobox"]');
  const form = field.form;
  const list = () => document.getElementById("palette-found");
  const options = () => [...list().querySelectorAll('[role="option"]')].filter((it) => it.checkVisibility());
  const active = () => list().querySelector('[aria-selected="true"]');

  const keys = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘K" : "Ctrl K";
  for (const hint of document.querySelectorAll("[data-keys]")) {
    hint.textContent = keys;
    hint.hidden = false;
  }

  // What the arrows chose stays chosen when a later answer still has it: answers come while one walks.
  let walked = null;
  const what = (option) => option?.getAttribute("href") ?? option?.textContent;

  function choose(option) {
    active()?.setAttribute("aria-selected", "false");
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      field.setAttribute("aria-activedescendant", option.id);
    } else field.removeAttribute("aria-activedescendant");
  }

  function open() {
    if (dialog.open) return field.select();
    for (const menu of document.querySelectorAll("[popover]:popover-open")) menu.hidePopover();
    dialog.showModal();
    field.select();
    form.dispatchEvent(new CustomEvent("palette-open"));
  }

  // What needs the page to be printable is offered where it is.
  function settle() {
    const printable = document.querySelector("main [data-print]");
    for (const item of list().querySelectorAll("[data-needs-print]")) item.hidden = !printable;
    const found = options();
    field.setAttribute("aria-expanded", String(found.length > 0));
    choose(found.find((it) => walked && what(it) === walked) ?? found[0]);
    document.getElementById("palette-said").textContent = list().dataset.said;
  }

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      open();
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette]") && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
      event.preventDefault();
      open();
    }
  });

  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const all = options();
    const at = all.indexOf(active());
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(all[(at + step + all.length) % all.length]);
      walked = what(active());
    } else if (event.key === "Enter") {
      event.preventDefault();
      // What was typed last may not have been answered yet: Enter then waits for it.
      if (form.classList.contains("htmx-request") || form.dataset.asked !== field.value) form.dataset.then = "go";
      else active()?.click();
    }
  });
  field.addEventListener("input", () => (walked = null));
  form.addEventListener("submit", (event) => event.preventDefault());
  dialog.addEventListener("pointermove", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option && option !== active()) choose(option);
  });
  dialog.addEventListener("click", (event) => {
    const option = event.target.closest('[role="option"]');
    if (!option) return;
    if (option.matches("[data-print-now]")) {
      dialog.close();
      print();
    }
  });

  document.addEventListener("htmx:config:request", ({ detail }) => {
    if (detail.ctx.sourceElement === form) form.dataset.asking = field.value;
  });
  document.addEventListener("htmx:after:swap", ({ detail }) => {
    if (detail.ctx.sourceElement !== form) return;
    form.dataset.asked = form.dataset.asking;
    settle();
    if (form.dataset.then && form.dataset.asked === field.value) {
      delete form.dataset.then;
      active()?.click();
    }
  });
  document.addEventListener("htmx:error", ({ detail }) => {
    if (detail.ctx?.sourceElement !== form || detail.ctx.response) return;
    delete form.dataset.then;
    const words = document.createElement("p");
    words.className = "found-none";
    words.textContent = dialog.dataset.offline;
    list().replaceChildren(words);
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
    document.getElementById("palette-said").textContent = words.textContent;
  });
}
