// Adds to pages that are whole without it: sorting, filtering, copying.
"use strict";

for (const table of document.querySelectorAll("table[data-sortable]")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const keyOf = (row, column) => {
    const cell = row.cells[column];
    const key = cell.dataset.sort ?? cell.textContent.trim();
    const number = Number(key);
    return key !== "" && !Number.isNaN(number) ? number : key.toLowerCase();
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    const words = document.createElement("span");
    button.type = "button";
    words.className = "sorted";
    // a drawing below the words stays where it is
    words.append(...[...head.childNodes].filter((node) => node.nodeName.toLowerCase() !== "svg"));
    button.append(words);
    head.prepend(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const keyed = [...body.rows].map((row, place) => [keyOf(row, column), place, row]);
      keyed.sort(([a, i], [b, j]) => {
        const order = typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? -1 : 1;
        return (up ? order : -order) || i - j;
      });
      body.append(...keyed.map(([, , row]) => row));
    });
  });
}

for (const table of document.querySelectorAll("table[data-filter]")) {
  if (table.tBodies[0].rows.length < 8) continue;
  const label = document.createElement("label");
  label.className = "filter";
  const field = document.createElement("input");
  field.type = "search";
  field.placeholder = table.dataset.filter;
  field.setAttribute("aria-label", table.dataset.filter);
  const said = document.createElement("output");
  said.className = "filtered";
  label.append(field);
  table.closest(".scroll").before(label, said);
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    said.textContent = words.length ? `${shown} of ${table.tBodies[0].rows.length}` : "";
  });
}

const copies = (name, text, select) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = name;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      // not every browser lets a page from a disk write to the clipboard
      select();
      button.textContent = "Selected: press Ctrl+C";
    }
  });
  return button;
};

for (const box of document.querySelectorAll(".checklist textarea")) {
  const select = () => {
    box.closest("details").open = true;
    box.select();
  };
  box.closest("section").querySelector(".heading").append(copies("Copy as checklist", box.value, select));
}

for (const text of document.querySelectorAll(".to-copy")) {
  text.after(copies("Copy", text.textContent.trim(), () => getSelection().selectAllChildren(text)));
}
