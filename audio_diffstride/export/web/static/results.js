// What was found, as text: scores of now or of all, and the detections.

import { clock } from "./picture.js";

const FIRST_ROWS = 100;
const NUM_BEST = 3;

/** An element with attributes and children; text is never read as HTML. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick") made.addEventListener("click", value);
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** Shows the best classes of each task with their scores. */
export function showScores(place, scores, tasks) {
  const several = Object.keys(tasks).length > 1;
  const parts = Object.entries(tasks).map(([task, names]) => {
    const order = names.map((_, i) => i);
    order.sort((a, b) => scores[task][b] - scores[task][a]);
    const bars = order.slice(0, NUM_BEST).map((index) => {
      const percent = `${(100 * scores[task][index]).toFixed(0)} %`;
      const bar = element("span", { class: "bar", "aria-hidden": "true" }, element("span"));
      bar.firstChild.style.width = `${100 * scores[task][index]}%`;
      return element("li", {}, element("span", {}, names[index]), bar, element("b", {}, percent));
    });
    const list = element("ul", {}, ...bars);
    return several ? element("div", {}, element("h3", {}, task), list) : list;
  });
  place.replaceChildren(...parts);
}

/** The table of detections; the first hundred, until more are asked for. */
export class DetectionTable {
  constructor(body, more, settings) {
    this.body = body;
    this.more = more;
    this.settings = settings; // {rate, tasks, play(row)}
    this.limit = FIRST_ROWS;
    more.addEventListener("click", () => {
      this.limit += 10 * FIRST_ROWS;
      this.show(this.rows, this.newestFirst);
    });
  }

  reset() {
    this.limit = FIRST_ROWS;
  }

  show(rows, newestFirst = false) {
    this.rows = rows;
    this.newestFirst = newestFirst;
    const shown = newestFirst
      ? rows.slice(-this.limit).reverse()
      : rows.slice(0, this.limit);
    this.body.replaceChildren(...shown.map((row) => this.#line(row)));
    this.more.hidden = rows.length <= this.limit;
    this.more.textContent = `Show more of ${rows.length.toLocaleString("en")}`;
  }

  #line(row) {
    const { rate, tasks, play } = this.settings;
    const time = (samples) => clock(samples / rate, true);
    const label = `Play ${row.label} at ${time(row.start)}`;
    const button = element(
      "button",
      { class: "play", "aria-label": label, title: label, onclick: () => play(row) },
      "▶",
    );
    const cells = [time(row.start), time(row.end)];
    if (Object.keys(tasks).length > 1) cells.push(row.task);
    const line = element("tr", {}, element("td", {}, button));
    line.append(...cells.map((cell) => element("td", {}, cell)));
    line.append(element("th", { scope: "row" }, row.label));
    line.append(element("td", { class: "number" }, `${(100 * row.score).toFixed(1)} %`));
    return line;
  }
}
