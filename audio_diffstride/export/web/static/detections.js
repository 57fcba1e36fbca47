// From the logits of windows to detections, as `predict/detections.py`.

/** The probabilities of logits. */
export function softmax(logits) {
  let largest = -Infinity;
  for (const value of logits) largest = Math.max(largest, value);
  const powers = Array.from(logits, (value) => Math.exp(value - largest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/**
 * The most probable class of each task in a window, if it is probable enough.
 *
 * A window is {start, end, padded, windows, logits}, in samples; logits are by
 * task. A detection is {start, end, padded, windows, task, label, score}.
 */
export function choose(window, tasks, threshold) {
  const chosen = [];
  for (const [task, names] of Object.entries(tasks)) {
    window.best ??= {};
    const best = (window.best[task] ??= bestOf(window.logits[task]));
    if (best.score < threshold) continue;
    const { start, end, padded, windows } = window;
    const score = Math.round(1e6 * best.score) / 1e6;
    const label = names[best.index];
    chosen.push({ start, end, padded, windows, task, label, score });
  }
  return chosen;
}

function bestOf(logits) {
  const scores = softmax(logits);
  const index = scores.indexOf(Math.max(...scores));
  return { index, score: scores[index] };
}

/** Joins detections of a class that overlap or touch, in order of their ends. */
export class Merger {
  constructor() {
    this.ongoing = new Map();
  }

  /** The detections that the next window's `choose` ends. */
  push(rows) {
    const ended = [];
    if (rows.length) {
      for (const [key, row] of this.ongoing) {
        if (row.end < rows[0].start) {
          ended.push(row);
          this.ongoing.delete(key);
        }
      }
    }
    for (const row of rows) {
      const key = JSON.stringify([row.task, row.label]);
      const before = this.ongoing.get(key);
      this.ongoing.delete(key);
      this.ongoing.set(key, before ? united(before, row) : row);
    }
    return ended.sort(byEnd);
  }

  /** The detections that last until now. */
  rest() {
    return [...this.ongoing.values()].sort(byEnd);
  }
}

function united(before, row) {
  return {
    ...row,
    start: before.start,
    windows: before.windows + row.windows,
    score: Math.max(before.score, row.score),
  };
}

const byEnd = (a, b) => a.end - b.end;

/** All detections of windows, joined or not. */
export function detect(windows, tasks, threshold, join) {
  const rows = [];
  const merger = new Merger();
  for (const window of windows) {
    const chosen = choose(window, tasks, threshold);
    rows.push(...(join ? merger.push(chosen) : chosen));
  }
  return [...rows, ...merger.rest()];
}

/** The mean logits of a recording; a padded window counts by its share. */
export class Average {
  constructor(windowSamples) {
    this.windowSamples = windowSamples;
    this.totals = {};
    this.weights = 0;
  }

  push(window) {
    const weight = (window.end - window.start) / this.windowSamples;
    for (const [task, logits] of Object.entries(window.logits)) {
      const total = (this.totals[task] ??= new Array(logits.length).fill(0));
      logits.forEach((value, i) => (total[i] += weight * value));
    }
    this.weights += weight;
  }

  /** {task: mean logits}. */
  logits() {
    const mean = (total) => total.map((value) => value / this.weights);
    const tasks = Object.entries(this.totals);
    return Object.fromEntries(tasks.map(([task, t]) => [task, mean(t)]));
  }
}
