// Which scores are detections: by one threshold, or by the calibrated ones.
//
// Rules are {isCalibrated, tasks: {task: {temperature, limits, onlyBest}}}. The
// logits are divided by the temperature; a class is detected from its limit on.

import { hasSeveralLabels } from "./detections.js";

/** Rules with one threshold for all classes. */
export function oneThreshold(about, threshold) {
  const rules = ([task, names]) => ({
    temperature: 1,
    limits: names.map(() => threshold),
    onlyBest: !hasSeveralLabels(about, task),
  });
  return rulesOf(about, false, rules);
}

/** The rules of the model's calibration; null unless it has all tasks. */
export function calibrated(about) {
  const found = about.calibration?.tasks ?? {};
  if (!Object.keys(about.tasks).every((task) => task in found)) return null;
  return rulesOf(about, true, ([task, names]) => ({
    temperature: found[task].temperature,
    limits: names.map((name) => found[task].thresholds[name] ?? Infinity),
    onlyBest: found[task].top === "1",
  }));
}

/** The flags of `audio-diffstride predict` for the calibrated rules. */
export function flagsOf({ aim, tasks }) {
  const flags = aim.value === null ? [`--${aim.score}`] : [`--${aim.score}`, aim.value];
  if (aim.pooled) flags.push("--pooled");
  const isOfOneLabel = ({ activation }) => activation === "softmax";
  const ofOneLabel = Object.values(tasks).filter(isOfOneLabel);
  if (ofOneLabel.some(({ top }) => top === "all")) flags.push("--top all");
  return flags;
}

function rulesOf(about, isCalibrated, rule) {
  const tasks = Object.entries(about.tasks).map((entry) => [entry[0], rule(entry)]);
  return { isCalibrated, tasks: Object.fromEntries(tasks) };
}
