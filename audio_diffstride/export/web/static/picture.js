// The scrolling picture: a spectrogram, and below it the scores of classes.

import { scoresOf } from "./detections.js";

export const MAX_LANES = 12;
const LANE = 22;
const AXIS = 20;
// Dark blue, purple, orange, pale yellow: rising in lightness.
const COLOURS = [
  [4, 6, 24], [58, 14, 102], [136, 34, 106], [206, 68, 70], [246, 140, 40],
  [252, 226, 140],
];
const PALETTE = Uint32Array.from({ length: 256 }, (_, value) => {
  const place = (value / 255) * (COLOURS.length - 1);
  const index = Math.min(Math.floor(place), COLOURS.length - 2);
  const mixed = COLOURS[index].map((low, c) =>
    Math.round(low + (place - index) * (COLOURS[index + 1][c] - low)),
  );
  return (255 << 24) | (mixed[2] << 16) | (mixed[1] << 8) | mixed[0];
});

/** Draws on a canvas; `view` is {begin, span} in seconds. */
export class Picture {
  constructor(canvas, about) {
    this.canvas = canvas;
    this.about = about;
    this.rate = about.sample_rate_hz;
    this.lanes = lanesOf(about.tasks);
    this.all = this.lanes;
    this.tile = document.createElement("canvas");
  }

  /** Shows the classes that were the most probable ones so far. */
  chooseLanes(peaks) {
    if (this.all.length <= MAX_LANES) return;
    const peak = ({ task, index }) => peaks[task]?.[index] ?? 0;
    const best = [...this.all].sort((a, b) => peak(b) - peak(a));
    const chosen = new Set(best.slice(0, MAX_LANES));
    this.lanes = this.all.filter((lane) => chosen.has(lane));
  }

  draw({ tiles, windows, view, stage, hop, cursor, rules }) {
    const { canvas, rate } = this;
    const scale = devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const top = width < 600 ? 140 : 220;
    const height = top + AXIS + this.lanes.length * LANE;
    canvas.style.height = `${height}px`;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    pen.font = "12px system-ui, sans-serif";
    pen.textBaseline = "middle";
    const style = getComputedStyle(canvas);
    const colour = (name) => style.getPropertyValue(name).trim();
    const left = this.#gutter(pen, width);
    const x = (sample) =>
      left + ((sample / rate - view.begin) / view.span) * (width - left);
    const [begin, end] = [view.begin * rate, (view.begin + view.span) * rate];
    pen.fillStyle = colour("--lane");
    pen.fillRect(left, 0, width - left, top);
    pen.save();
    pen.beginPath();
    pen.rect(left, 0, width - left, height);
    pen.clip();
    for (const tile of tiles.between(begin, end)) {
      this.#drawTile(pen, tile, stage, x, top);
    }
    const box = { left, top: top + AXIS, width };
    this.#drawScores(pen, windows, begin, end, hop, x, box, colour, rules);
    if (cursor !== null) {
      pen.fillStyle = colour("--cursor");
      pen.fillRect(x(cursor) - 1, 0, 2, height);
    }
    pen.restore();
    this.#drawTimes(pen, view, left, top, width, colour);
    this.#drawLabels(pen, left, top, colour);
  }

  /** The width of the labels. */
  #gutter(pen, width) {
    const longest = Math.max(
      ...this.lanes.map(({ label }) => pen.measureText(label).width),
    );
    return Math.min(Math.max(56, longest + 16), width / 4);
  }

  #drawTile(pen, { begin, end, stages }, stage, x, height) {
    const { data, width, bands, offset, shown } = stages[stage];
    this.tile.width = width;
    this.tile.height = bands;
    const image = new ImageData(width, bands);
    const pixels = new Uint32Array(image.data.buffer);
    for (let i = 0; i < data.length; i++) pixels[i] = PALETTE[data[i]];
    this.tile.getContext("2d").putImageData(image, 0, 0);
    const right = x(end) - x(begin) + 0.6; // no seam between tiles
    pen.drawImage(this.tile, offset, 0, Math.min(shown, width - offset), bands, x(begin), 0, right, height);
  }

  #drawScores(pen, windows, begin, end, hop, x, box, colour, rules) {
    pen.fillStyle = colour("--lane");
    this.lanes.forEach((_, i) => {
      pen.fillRect(box.left, box.top + i * LANE + 1, box.width, LANE - 3);
    });
    const [low, high] = [colour("--score-low"), colour("--score")];
    for (const window of windowsBetween(windows, begin, end)) {
      // Windows overlap: each is drawn around its middle, as long as a hop.
      const middle = window.start + this.about.window_samples / 2;
      const [from, to] = [x(middle - hop / 2), x(middle + hop / 2)];
      const scores = scoresOf(window, this.about, rules);
      this.lanes.forEach(({ task, index }, i) => {
        const score = scores[task][index];
        if (score < 0.02) return;
        pen.fillStyle = score >= rules.tasks[task].limits[index] ? high : low;
        const size = Math.max(2, (LANE - 3) * score);
        const y = box.top + (i + 1) * LANE - 2 - size;
        pen.fillRect(from, y, Math.max(1, to - from - 0.5), size);
      });
    }
  }

  #drawTimes(pen, { begin, span }, left, top, width, colour) {
    const steps = [0.5, 1, 2, 5, 10, 20, 30, 60, 120];
    const fits = (step) => ((width - left) * step) / span > 64;
    const step = steps.find(fits) ?? 300;
    pen.fillStyle = colour("--faint");
    pen.textAlign = "center";
    for (let t = Math.ceil(begin / step) * step; t < begin + span; t += step) {
      const x = left + ((t - begin) / span) * (width - left);
      if (t < 0 || x > width - 16 || x < left + 14) continue;
      pen.fillRect(x, top, 1, 4);
      pen.fillText(clock(t, step < 1), x, top + AXIS / 2 + 2);
    }
  }

  #drawLabels(pen, left, top, colour) {
    pen.textAlign = "right";
    pen.fillStyle = colour("--faint");
    const centres = this.about.band_centres_hz;
    let last = Infinity;
    for (const hz of [250, 500, 1000, 2000, 4000, 8000, 16000]) {
      if (hz < centres[0] || hz > centres.at(-1)) continue;
      const above = centres.findIndex((centre) => centre >= hz);
      const part = (hz - centres[above - 1]) / (centres[above] - centres[above - 1]);
      const y = top * (1 - (above - 1 + part + 0.5) / centres.length);
      if (last - y < 18 || y < 8) continue;
      last = y;
      pen.fillText(hz < 1000 ? `${hz} Hz` : `${hz / 1000} kHz`, left - 8, y);
    }
    pen.fillStyle = colour("--text");
    this.lanes.forEach(({ label }, i) => {
      const y = top + AXIS + (i + 0.5) * LANE;
      pen.fillText(shortened(pen, label, left - 12), left - 8, y);
    });
  }
}

function lanesOf(tasks) {
  return Object.entries(tasks).flatMap(([task, names]) =>
    names.map((label, index) => ({ task, index, label })),
  );
}

function windowsBetween(windows, begin, end) {
  let [low, high] = [0, windows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (windows[middle].end <= begin) low = middle + 1;
    else high = middle;
  }
  let last = low;
  while (last < windows.length && windows[last].start < end) last++;
  return windows.slice(low, last);
}

function shortened(pen, text, width) {
  if (pen.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && pen.measureText(`${text.slice(0, end)}…`).width > width) end--;
  return `${text.slice(0, end)}…`;
}

/** Seconds as 1:02:03; with tenths as 2:03.5. */
export function clock(seconds, withTenths = false) {
  const tenths = Math.round(seconds * 10);
  const whole = withTenths ? Math.floor(tenths / 10) : Math.round(seconds);
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const text = hours
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
  return withTenths ? `${text}.${tenths % 10}` : text;
}
