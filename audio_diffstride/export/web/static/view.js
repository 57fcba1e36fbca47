// Which part of the sound is shown, and what is drawn of it.

import { Picture } from "./picture.js";
import { oneThreshold } from "./rules.js";
import { Tiles } from "./tiles.js";

const PIXELS_PER_SECOND = 60;
const [SHORTEST_S, LONGEST_S] = [1, 120];
const MOST_PLAYED_S = 60;

export class View {
  constructor(about, player, recording) {
    this.about = about;
    this.rate = about.sample_rate_hz;
    this.player = player;
    this.recording = recording;
    this.canvas = document.getElementById("picture");
    this.picture = new Picture(this.canvas, about);
    this.position = document.getElementById("position");
    this.span = Math.max(2, innerWidth / PIXELS_PER_SECOND, 2 * about.window_samples / this.rate);
    this.span = Math.min(20, this.span);
    this.rules = oneThreshold(about, 0.5);
    this.reset(about.window_samples, false);
    this.#connect();
  }

  reset(hop, isLive) {
    this.hop = hop;
    this.isLive = isLive;
    this.tiles = new Tiles(this.about.window_samples);
    this.windows = [];
    this.peaks = {};
    this.length = 0;
    this.begin = 0;
    this.update();
  }

  setLength(samples) {
    this.length = samples;
    if (this.isLive) this.begin = this.#latest();
    this.update();
  }

  add(window) {
    this.tiles.add(window);
    this.windows.push(window);
    for (const [task, logits] of Object.entries(window.logits)) {
      const peaks = (this.peaks[task] ??= new Array(logits.length).fill(-Infinity));
      logits.forEach((value, i) => (peaks[i] = Math.max(peaks[i], value)));
    }
    this.update();
  }

  /** Plays samples, and shows them. */
  async play(begin, end) {
    const sound = this.recording();
    if (begin < (sound.first ?? 0)) {
      document.getElementById("status").textContent =
        "This part is no longer there: of the microphone, the last ten minutes are kept.";
      return;
    }
    const [from, to] = [begin / this.rate, end / this.rate];
    if (from < this.begin || to > this.begin + this.shown) {
      this.begin = Math.max(0, from - this.shown / 4);
    }
    await this.player.play(await sound.read(begin, end), begin);
  }

  update() {
    if (this.isWaiting) return;
    this.isWaiting = true;
    requestAnimationFrame(() => {
      this.isWaiting = false;
      this.#draw();
      if (this.player.isPlaying) this.update();
    });
  }

  #latest() {
    return Math.max(0, this.length / this.rate - this.shown);
  }

  /** The seconds in the picture: a short recording fills it. */
  get shown() {
    if (this.isLive || !this.length) return this.span;
    return Math.min(this.span, Math.max(SHORTEST_S, this.length / this.rate));
  }

  #draw() {
    if (!this.canvas.clientWidth) return;
    const cursor = this.player.position;
    if (cursor !== null && !this.isLive) {
      const at = cursor / this.rate - this.begin;
      if (at > this.shown * 0.9) this.begin += at - this.shown * 0.9;
    }
    this.begin = Math.max(0, Math.min(this.begin, this.#latest()));
    this.position.max = this.#latest().toFixed(1);
    this.position.value = this.begin;
    this.position.disabled = this.#latest() === 0;
    this.position.setAttribute("aria-valuetext", `${this.begin.toFixed(1)} seconds`);
    const play = document.getElementById("play");
    play.textContent = this.player.isPlaying ? "■ Stop" : "▶ Play";
    this.picture.chooseLanes(this.peaks);
    this.picture.draw({
      tiles: this.tiles,
      windows: this.windows,
      view: { begin: this.begin, span: this.shown },
      stage: Number(document.getElementById("stage")?.value ?? 0),
      hop: this.hop,
      rules: this.rules,
      cursor,
    });
  }

  #playShown() {
    if (this.player.isPlaying) return this.player.stop();
    const begin = Math.floor(this.begin * this.rate);
    const longest = begin + MOST_PLAYED_S * this.rate;
    return this.play(begin, Math.min(this.length, longest));
  }

  #zoom(factor) {
    const middle = this.begin + this.shown / 2;
    this.span = Math.max(SHORTEST_S, Math.min(LONGEST_S, this.shown * factor));
    this.begin = middle - this.span / 2;
    this.update();
  }

  #connect() {
    const listen = (id, event, action) =>
      document.getElementById(id)?.addEventListener(event, action);
    listen("position", "input", () => {
      this.begin = Number(this.position.value);
      this.update();
    });
    listen("stage", "change", () => this.update());
    listen("play", "click", () => this.#playShown());
    listen("zoom-in", "click", () => this.#zoom(0.5));
    listen("zoom-out", "click", () => this.#zoom(2));
    addEventListener("resize", () => this.update());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.update());
    this.canvas.addEventListener("pointerdown", (event) => {
      const [start, from] = [this.begin, event.clientX];
      const move = ({ clientX }) => {
        this.begin = start - ((clientX - from) * this.shown) / this.canvas.clientWidth;
        this.update();
      };
      const end = () => removeEventListener("pointermove", move);
      addEventListener("pointermove", move);
      addEventListener("pointerup", end, { once: true });
      addEventListener("pointercancel", end, { once: true });
    });
  }
}
