"use strict";
/* What a report does when it is clicked. All of it can be read without this. */
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  /* Something that is no button answers to a click, Enter and Space like one. */
  function pressable(element, act) {
    element.tabIndex = 0;
    element.setAttribute("role", "button");
    element.classList.add("pressable");
    element.addEventListener("click", act);
    element.addEventListener("keydown", event => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      act();
    });
  }

  /* Tables: a click on a column sorts by it, another one turns the order round. */
  function value(row, column) {
    const cell = row.cells[column];
    const text = cell.dataset.value ?? cell.textContent.trim();
    const number = parseFloat(text.replace(/\s/g, "").replace("\u2212", "-"));
    return { text, number };
  }
  function compared(one, other, up) {
    const known = [one, other].map(side => !Number.isNaN(side.number));
    if (known[0] && known[1]) return up * (one.number - other.number);
    /* What has no number stands last, whichever way. */
    if (known[0] !== known[1]) return known[0] ? -1 : 1;
    return up * one.text.localeCompare(other.text);
  }
  function sort(table, heads, column) {
    const head = heads[column], up = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    heads.forEach(one => one.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up > 0 ? "ascending" : "descending");
    const rows = [...table.tBodies[0].rows].map(row => ({ row, key: value(row, column) }));
    rows.sort((one, other) => compared(one.key, other.key, up));
    table.tBodies[0].append(...rows.map(one => one.row));
  }
  for (const table of all("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, heads, column));
      head.append(button);
    });
  }

  /* Errors: a cell of the confusion matrix, or a pair, shows the errors of that pair alone. */
  const bar = document.getElementById("filtered");
  const errors = all("#errors figure[data-label]");
  function filter(place) {
    let shown = 0;
    for (const error of errors) {
      error.hidden = place && !(error.dataset.label === place.label && error.dataset.predicted === place.predicted);
      shown += error.hidden ? 0 : 1;
    }
    all("[data-chosen]").forEach(one => one.removeAttribute("data-chosen"));
    bar.hidden = !place;
    if (!place) return;
    place.element.dataset.chosen = "";
    const known = shown < place.count ? `; the page keeps the ${errors.length} surest errors only` : "";
    bar.querySelector("span").textContent = `${place.label} taken for ${place.predicted}: ${shown} of ${place.count}${known}.`;
    bar.scrollIntoView({ block: "center" });
  }
  if (bar) {
    for (const element of all("#errors [data-pair]")) {
      const { label, predicted, count } = element.dataset;
      pressable(element, () => filter({ element, label, predicted, count: Number(count) }));
    }
    bar.querySelector("button").addEventListener("click", () => filter(null));
  }

  /* Pictures: a click shows one large, with what stands below it. */
  const dialog = document.createElement("dialog"), large = document.createElement("div"), below = document.createElement("p");
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "Close";
  dialog.append(large, below, close);
  dialog.addEventListener("click", () => dialog.close());
  document.body.append(dialog);
  for (const picture of all(".wrong img, .strip img, .found .scene")) {
    const same = picture.cloneNode(true);
    pressable(picture, () => {
      const caption = picture.closest("figure")?.querySelector("figcaption");
      large.replaceChildren(same);
      below.textContent = caption ? caption.innerText : picture.alt;
      dialog.showModal();
    });
  }

  /* Paper cannot be clicked or scrolled: what is folded is printed open, and every picture is there. */
  let opened = [];
  addEventListener("beforeprint", () => {
    all("img[loading]").forEach(one => { one.loading = "eager"; });
    opened = all("details.fold:not([open])");
    opened.forEach(one => { one.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach(one => { one.open = false; }));
})();
