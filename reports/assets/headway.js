// Adds sorting, filtering and copying to pages, which also work without this script.
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
    // The column of forecasts has a chart in its header, which must stay outside the button.
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

// If a list is split into pages, the filter covers only the entries on the current page.
const here = document.querySelector(".paging") ? " on this page" : "";

/**
 * Adds a search field before the element `place`.
 * `show` takes a predicate on text, hides all entries that do not match, and returns the number of
 * entries that are shown and the number of all entries.
 */
const filterBefore = (place, name, show) => {
  const label = document.createElement("label");
  label.className = "filter";
  const field = document.createElement("input");
  field.type = "search";
  field.placeholder = name + here;
  field.setAttribute("aria-label", name + here);
  const result = document.createElement("output");
  result.className = "filtered";
  label.append(field);
  place.before(label, result);
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const [shown, all] = show((text) => words.every((word) => text.includes(word)));
    result.textContent = words.length ? `${shown} of ${all}${here}` : "";
  });
};

for (const table of document.querySelectorAll("table[data-filter]")) {
  const rows = table.tBodies[0].rows;
  if (rows.length < 8) continue;
  filterBefore(table.closest(".scroll"), table.dataset.filter, (matches) => {
    let shown = 0;
    for (const row of rows) {
      row.hidden = !matches(row.textContent.toLowerCase());
      shown += row.hidden ? 0 : 1;
    }
    return [shown, rows.length];
  });
}

// Adds a filter for the items on a team's or repository's page. Groups without a match are hidden.
const lists = [...document.querySelectorAll("section.left")];
const entriesOf = (list) => [...list.querySelectorAll(".item, .path.whole")];
if (lists.flatMap(entriesOf).length >= 8) {
  const parts = lists.map((list) => {
    const box = list.querySelector(".checklist textarea");
    const entries = entriesOf(list).map((entry) => {
      const group = entry.closest(".files-of");
      const named = group.previousElementSibling;
      const above = named?.matches("h3") ? named.firstChild : null;
      const path = entry.closest(".file")?.querySelector(".path");
      const text = [above, path, entry].map((part) => part?.textContent ?? "").join(" ");
      return { entry, text: text.toLowerCase() };
    });
    return { list, entries, box, lines: box ? box.value.split("\n") : [] };
  });
  const all = parts.reduce((sum, { entries }) => sum + entries.length, 0);
  const empty = (group) => entriesOf(group).every((entry) => entry.hidden);
  filterBefore(lists[0], "Filter items", (matches) => {
    let shown = 0;
    for (const { list, entries, box, lines } of parts) {
      for (const { entry, text } of entries) entry.hidden = !matches(text);
      for (const file of list.querySelectorAll(".file")) file.hidden = empty(file);
      for (const group of list.querySelectorAll(".files-of")) {
        group.hidden = empty(group);
        if (group.previousElementSibling?.matches("h3")) group.previousElementSibling.hidden = group.hidden;
      }
      const left = entries.filter(({ entry }) => !entry.hidden).length;
      shown += left;
      // While the field is empty, a campaign stays visible even if its items are on other pages.
      list.hidden = !left && !matches("");
      // The checklist has one line per item, in the same order.
      if (box) box.value = lines.filter((_, place) => !entries[place]?.entry.hidden).join("\n");
    }
    return [shown, all];
  });
}

/** Returns a button that copies the result of `text()`, or calls `select()` if copying fails. */
const copies = (name, text, select) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = name;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = "Copied";
    } catch {
      // Some browsers do not let a page that was opened from disk write to the clipboard.
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
  box.closest("section").querySelector(".heading").append(copies("Copy as checklist", () => box.value, select));
}

for (const text of document.querySelectorAll(".to-copy")) {
  text.after(copies("Copy", () => text.textContent.trim(), () => getSelection().selectAllChildren(text)));
}
