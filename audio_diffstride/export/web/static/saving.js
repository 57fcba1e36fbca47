// What the user takes along: tables, the sound, and the command for more.

import { element } from "./results.js";
import { flagsOf } from "./rules.js";
import { csv, raven } from "./tables.js";
import { wavFile } from "./wav.js";

/** Saves detections as "csv" or "raven", under the name of the recording. */
export function saveTable(kind, rows, name, about) {
  const { sample_rate_hz: rate, band_hz: band } = about;
  const base = name.replace(/\.[^.]*$/, "");
  if (kind === "csv") save(`${base}.csv`, csv(rows, name, rate), "text/csv");
  else save(`${base}.selections.txt`, raven(rows, name, rate, band), "text/plain");
}

/** Saves what the microphone heard, as far as it is kept. */
export async function saveSound(sound, rate) {
  const samples = await sound.read(sound.first, sound.length);
  save(sound.name, wavFile(samples, rate), "audio/wav");
}

/** The command that finds the same in a recording. */
export function commandFor(name, file, { hopSeconds, calibration, threshold, join }) {
  const quoted = `'${name.replaceAll("'", "'\\''")}'`;
  const parts = ["audio-diffstride predict", quoted, "--model", file];
  parts.push("--output found.csv", "--hop_s", hopSeconds);
  if (calibration) parts.push(...flagsOf(calibration));
  else if (threshold > 0) parts.push("--threshold", threshold);
  if (join) parts.push("--merge");
  return parts.join(" ");
}

function save(name, content, type) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}
