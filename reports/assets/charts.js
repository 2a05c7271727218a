// Adds two things to burndown charts: a tooltip with the values of a week, and buttons that zoom to
// a shorter range. The script reads all values from the table below the chart. Charts also work
// without this script.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const DAY = 86400000;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const make = (parent, name, attributes = {}, text = "") => {
  const element = name.startsWith("svg:") ? document.createElementNS(SVG, name.slice(4)) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  parent.append(element);
  return element;
};
const count = (text) => Number(text.replace(/[^0-9]/g, "") || 0);

// Returns round numbers from 0 to at least `top`; must return the same as `nice_steps` in axes.py.
const niceSteps = (top) => {
  const rough = Math.max(top, 1) / 4;
  const magnitude = rough >= 1 ? 10 ** Math.floor(Math.log10(rough)) : 1;
  const step = [1, 2, 5, 10].map((factor) => factor * magnitude).find((candidate) => candidate >= rough);
  const steps = [];
  for (let value = 0; value < Math.max(top, 1) + step; value += step) steps.push(value);
  return steps;
};

// Returns ticks between two times, on first days of months. There are at most about `most` of them.
const dayTicks = (first, last, most) => {
  const months = (last - first) / (30.44 * DAY);
  const every = [1, 2, 3, 6, 12, 24].find((step) => months / step <= most) ?? 48;
  const ticks = [];
  const start = new Date(first);
  for (let month = 0; month <= months + 1; month += 1) {
    const day = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + month, 1));
    const number = day.getUTCFullYear() * 12 + day.getUTCMonth();
    if (number % every || day < first || day > last) continue;
    const name = MONTHS[day.getUTCMonth()];
    ticks.push([+day, day.getUTCMonth() === 0 ? `${day.getUTCFullYear()}` : ticks.length ? name : `${name} ${day.getUTCFullYear()}`]);
  }
  return ticks;
};

class Plot {
  constructor(svg) {
    this.svg = svg;
    for (const name of ["left", "right", "top", "bottom", "highest"]) this[name] = Number(svg.dataset[name]);
    this.first = Date.parse(svg.dataset.first);
    this.last = Date.parse(svg.dataset.last);
    this.from = this.first;
    this.to = this.last;
    this.drawn = svg.querySelector(".drawn");
    this.whole = this.drawn.getAttribute("viewBox");
    this.axes = [...svg.querySelectorAll(".grid, .axis")].map((group) => [group, [...group.childNodes]]);
    this.pointer = make(svg, "svg:path", { class: "pointer" });
  }

  x(time) {
    return this.left + ((time - this.from) / (this.to - this.from)) * (this.right - this.left);
  }

  timeAt(clientX) {
    const box = this.svg.getBoundingClientRect();
    const at = ((clientX - box.left) / box.width) * this.svg.viewBox.baseVal.width;
    return this.from + ((at - this.left) / (this.right - this.left)) * (this.to - this.from);
  }

  point(time) {
    this.pointer.setAttribute("d", time === null ? "" : `M${this.x(time)} ${this.top}V${this.bottom}`);
  }

  // Zooms to the range between two times, on a scale that includes the count `top`. If `from` is
  // null, the whole chart is shown.
  show(from, to, top) {
    const all = from === null;
    this.from = all ? this.first : from;
    this.to = all ? this.last : to;
    const width = this.right - this.left;
    const height = this.bottom - this.top;
    const scale = width / (this.last - this.first);
    const steps = niceSteps(all ? this.highest : top);
    const highest = all ? this.highest : steps[steps.length - 1];
    const seen = (height * highest) / this.highest;
    this.drawn.setAttribute("viewBox", all ? this.whole
      : `${this.left + (from - this.first) * scale} ${this.bottom - seen} ${(to - from) * scale} ${seen}`);
    for (const [group, nodes] of this.axes) group.replaceChildren(...(all ? nodes : []));
    if (!all) this.draw(steps, highest);
    for (const group of this.svg.querySelectorAll(".names, .beyond")) group.classList.toggle("gone", !all);
    for (const flag of this.svg.querySelectorAll(".flag")) {
      const at = Number(flag.dataset.at);
      const time = this.first + (at - this.left) / scale;
      flag.setAttribute("transform", all ? "" : `translate(${this.x(time) - at})`);
      flag.classList.toggle("gone", time < this.from - DAY || time > this.to + DAY);
    }
  }

  draw(steps, highest) {
    const [grid, axis] = this.axes.map(([group]) => group);
    for (const value of steps) {
      const y = this.bottom - (value / highest) * (this.bottom - this.top);
      make(grid, "svg:path", { d: `M${this.left} ${y}H${this.right}` });
      make(grid, "svg:text", { x: this.left - 8, y: y + 4, "text-anchor": "end" }, value.toLocaleString("en"));
    }
    for (const [time, text] of dayTicks(this.from, this.to, (this.right - this.left) / 74)) {
      make(axis, "svg:path", { d: `M${this.x(time)} ${this.bottom}v5` });
      make(axis, "svg:text", { x: this.x(time), y: this.bottom + 20, "text-anchor": "middle" }, text);
    }
  }
}

const addControls = (chart) => {
  const table = chart.querySelector("table.numbers");
  const plots = [...chart.querySelectorAll(".plot")].map((svg) => new Plot(svg));
  if (!table || !table.tBodies[0].rows.length || !plots.length) return;
  const keys = [...chart.querySelectorAll(".legend .key")].map((key) => key.className);
  const names = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent);
  const weeks = [...table.tBodies[0].rows].reverse().map((row) => ({
    time: Date.parse(row.dataset.day),
    day: row.cells[0].textContent,
    href: row.cells[0].querySelector("a")?.href,
    values: [...row.cells].slice(1).map((cell) => cell.textContent),
  }));
  const figure = chart.querySelector("figure");
  const tip = make(figure, "div", { class: "tip", "aria-hidden": "true", hidden: "" });

  const showWeek = (week, plot) => {
    plots.forEach((other) => other.point(week ? week.time : null));
    tip.hidden = !week || !plot;
    if (tip.hidden) return;
    tip.replaceChildren();
    make(tip, "p", {}, `Week ending ${week.day}`);
    if (week.href) make(tip, "p", { class: "hint" }, "Click to see who changed the count");
    const list = make(tip, "ul");
    names.forEach((name, place) => {
      const sum = place === names.length - 1;
      const line = make(list, "li", sum ? { class: "sum" } : {});
      make(line, "span", { class: sum ? "key" : name === "exempt" ? "key band-exempt" : keys[place] });
      make(line, "span", {}, name);
      make(line, "b", {}, week.values[place]);
    });
    const box = plot.svg.getBoundingClientRect();
    const at = (plot.x(week.time) / plot.svg.viewBox.baseVal.width) * box.width;
    const left = at > box.width / 2 ? at - tip.offsetWidth - 14 : at + 14;
    tip.style.left = `${Math.max(left, 0)}px`;
    tip.style.top = `${plot.top}px`;
  };
  const follows = (week) => {
    if (week.href) location.assign(week.href);
  };
  const nearest = (time) => weeks.reduce((best, week) => (Math.abs(week.time - time) < Math.abs(best.time - time) ? week : best));
  for (const plot of plots) {
    plot.svg.addEventListener("pointermove", (event) => showWeek(nearest(plot.timeAt(event.clientX)), plot));
    plot.svg.addEventListener("pointerleave", () => showWeek(null));
    plot.svg.addEventListener("click", (event) => follows(nearest(plot.timeAt(event.clientX))));
    plot.svg.classList.toggle("linked", weeks.some((week) => week.href));
  }

  // The slider lets people who use the keyboard read the values of each week.
  const slider = make(figure, "input", { type: "range", class: "slider", min: 0, max: weeks.length - 1, value: weeks.length - 1, "aria-label": "Week to show" });
  const description = (week) => `Week ending ${week.day}: ${names.map((name, place) => `${name} ${week.values[place]}`).join(", ")}`;
  const follow = () => {
    const week = weeks[slider.value];
    slider.setAttribute("aria-valuetext", description(week));
    showWeek(week, plots.find((plot) => plot.svg.getBoundingClientRect().width));
  };
  slider.setAttribute("aria-valuetext", description(weeks[weeks.length - 1]));
  slider.addEventListener("input", follow);
  slider.addEventListener("focus", follow);
  slider.addEventListener("keydown", (event) => {
    if (event.key === "Enter") follows(weeks[slider.value]);
  });
  slider.addEventListener("blur", () => showWeek(null));

  const latest = weeks[weeks.length - 1].time;
  const ranges = [["All", null], ["1 year", 365], ["3 months", 91]].filter(([, days]) => days === null || latest - weeks[0].time > days * DAY * 1.3);
  if (ranges.length < 2) return;
  const bar = make(chart, "div", { class: "ranges", role: "group", "aria-label": "Range" });
  chart.prepend(bar);
  for (const [name, days] of ranges) {
    const button = make(bar, "button", { type: "button", "aria-pressed": String(days === null) }, name);
    button.addEventListener("click", () => {
      for (const other of bar.children) other.setAttribute("aria-pressed", String(other === button));
      const from = latest - days * DAY;
      const exempt = names.indexOf("exempt");
      const open = names.length - 1;
      const tops = weeks.filter((week) => week.time >= from - 7 * DAY).map((week) => count(week.values[open]) + (exempt < 0 ? 0 : count(week.values[exempt])));
      for (const plot of plots) {
        if (days === null) plot.show(null);
        // Include the forecast, but at most half as many days of it as the chosen range has.
        else plot.show(from, Math.min(plot.last, latest + (days * DAY) / 2), Math.max(...tops));
      }
    });
  }
};
for (const chart of document.querySelectorAll(".chart")) addControls(chart);
