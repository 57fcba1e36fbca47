// From the logits of windows to detections, as `predict/detections.py`.

/** The probabilities of a task's logits. */
export function probabilities(logits, hasSeveralLabels, temperature = 1) {
  const scaled = Array.from(logits, (value) => value / temperature);
  if (!hasSeveralLabels) return softmax(scaled);
  return scaled.map((value) => 1 / (1 + Math.exp(-value)));
}

/** Whether a class is ever a detection; as `kinds.is_reported`. */
export function isReported(label) {
  return !label.startsWith("_");
}

/** Whether a recording may have several classes of a task at once. */
export function hasSeveralLabels(about, task) {
  return about.kinds?.[task] === "several_labels";
}

function softmax(logits) {
  let largest = -Infinity;
  for (const value of logits) largest = Math.max(largest, value);
  const powers = Array.from(logits, (value) => Math.exp(value - largest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/**
 * The classes that are probable enough in a window, the best first.
 *
 * Of some tasks only the best class; see `rules.js`.
 * A window is {start, end, padded, windows, logits}, in samples; logits are by
 * task. A detection is {start, end, padded, windows, task, label, score}.
 */
export function choose(window, about, rules) {
  const chosen = [];
  const { start, end, padded, windows } = window;
  for (const [task, names] of Object.entries(about.tasks)) {
    const { limits, onlyBest } = rules.tasks[task];
    const ranked = rank(window, about, task, rules);
    for (const { index, score: exact } of onlyBest ? ranked.slice(0, 1) : ranked) {
      if (exact < limits[index]) continue;
      const score = Math.round(1e6 * exact) / 1e6;
      const label = names[index];
      if (!isReported(label)) continue;
      chosen.push({ start, end, padded, windows, task, label, score });
    }
  }
  return chosen;
}

/** The classes of a task, the most probable first. */
function rank(window, about, task, rules) {
  const scores = scoresOf(window, about, rules)[task];
  window.ranked ??= {};
  if (window.ranked[task]?.scores !== scores) {
    const order = Array.from(scores, (score, index) => ({ index, score }));
    order.sort((a, b) => b.score - a.score || a.index - b.index);
    window.ranked[task] = { scores, order };
  }
  return window.ranked[task].order;
}

/** The probabilities of a window, by task; kept until other rules are used. */
export function scoresOf(window, about, { isCalibrated, tasks }) {
  if (window.scored?.isCalibrated !== isCalibrated) {
    const scores = Object.entries(window.logits).map(([task, logits]) => {
      const several = hasSeveralLabels(about, task);
      return [task, probabilities(logits, several, tasks[task].temperature)];
    });
    window.scored = { isCalibrated, scores: Object.fromEntries(scores) };
  }
  return window.scored.scores;
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
export function detect(windows, about, rules, join) {
  const rows = [];
  const merger = new Merger();
  for (const window of windows) {
    const chosen = choose(window, about, rules);
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
