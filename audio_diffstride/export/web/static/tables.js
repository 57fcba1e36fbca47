// Detections as the files that `audio-diffstride predict` writes.

const COLUMNS = [
  "file", "start_s", "end_s", "padded", "windows", "task", "class", "score",
];

const RAVEN = [
  "Selection", "View", "Channel", "Begin Time (s)", "End Time (s)",
  "Low Freq (Hz)", "High Freq (Hz)", "Begin File", "File Offset (s)",
  "Task", "Class", "Score", "Padded",
];

/** A CSV with the columns of `predict`. */
export function csv(rows, file, rate) {
  const lines = rows.map((row) => [
    file, decimal(row.start / rate), decimal(row.end / rate), row.padded,
    row.windows, row.task, row.label, decimal(row.score),
  ]);
  const text = (line) => line.map(quoted).join(",");
  return [COLUMNS, ...lines].map(text).join("\n") + "\n";
}

/** A selection table of Raven; the band is the one that the network uses. */
export function raven(rows, file, rate, [low, high]) {
  const lines = rows.map((row, i) => [
    i + 1, "Spectrogram 1", 1, (row.start / rate).toFixed(6),
    (row.end / rate).toFixed(6), low.toFixed(1), high.toFixed(1), file,
    (row.start / rate).toFixed(6), row.task, row.label, row.score.toFixed(6),
    row.padded,
  ]);
  const text = (line) => line.map(oneCell).join("\t");
  return [RAVEN, ...lines].map(text).join("\n") + "\n";
}

/** A number with a decimal, as Python writes it. */
function decimal(value) {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

function quoted(value) {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A tab or a line end would break the table. */
function oneCell(value) {
  return String(value).replace(/[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+/g, " ");
}
