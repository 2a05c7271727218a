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
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
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
  label.append(field);
  const holder = table.closest(".scroll");
  holder.before(label, said);
  said.className = "filtered";
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

for (const box of document.querySelectorAll(".checklist textarea")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    box.select();
    try {
      await navigator.clipboard.writeText(box.value);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Selected: press Ctrl+C";
    }
  });
  box.after(button);
}

// the numbers of the week under the pointer, read from the table below the chart
const weeks = [...document.querySelectorAll("table.weeks tbody tr")].map((row) => ({
  time: Date.parse(row.dataset.day),
  day: row.cells[0].textContent,
  open: row.cells[1].textContent,
  fixed: row.cells[6].textContent,
  added: row.cells[2].textContent,
}));
if (weeks.length) {
  for (const plot of document.querySelectorAll("#burndown ~ .burndown .plot")) {
    const names = ["first", "last", "left", "right", "top", "bottom"];
    const [first, last, left, right, top, bottom] = names.map((name) =>
      name === "first" || name === "last" ? Date.parse(plot.dataset[name]) : Number(plot.dataset[name]));
    const make = (name) => plot.appendChild(document.createElementNS("http://www.w3.org/2000/svg", name));
    const rule = make("path");
    const label = make("text");
    rule.setAttribute("class", "pointer");
    label.setAttribute("class", "pointer-text");
    label.setAttribute("y", top + 10);
    plot.addEventListener("pointermove", (event) => {
      const box = plot.getBoundingClientRect();
      const at = ((event.clientX - box.left) / box.width) * plot.viewBox.baseVal.width;
      const time = first + ((at - left) / (right - left)) * (last - first);
      const week = weeks.reduce((best, each) => Math.abs(each.time - time) < Math.abs(best.time - time) ? each : best);
      const x = left + ((week.time - first) / (last - first)) * (right - left);
      rule.setAttribute("d", `M${x} ${top}V${bottom}`);
      label.setAttribute("x", x > (left + right) / 2 ? x - 8 : x + 8);
      label.setAttribute("text-anchor", x > (left + right) / 2 ? "end" : "start");
      label.textContent = `${week.day}: ${week.open} open, ${week.fixed} fixed, ${week.added} new`;
    });
    plot.addEventListener("pointerleave", () => {
      rule.removeAttribute("d");
      label.textContent = "";
    });
  }
}
