// The page: its state, and what its buttons do.

import { onRecording } from "./choosing.js";
import { readJson } from "./embedded.js";
import { Average, choose, detect, scoresOf } from "./detections.js";
import { listen } from "./listening.js";
import { HeardSound, Microphone, missingMicrophone } from "./microphone.js";
import { Network } from "./network.js";
import { MAX_LANES } from "./picture.js";
import { Player } from "./player.js";
import { checkBrowser } from "./probe.js";
import { openRecording } from "./recording.js";
import { DetectionTable, showScores } from "./results.js";
import { calibrated, oneThreshold } from "./rules.js";
import { commandFor, saveSound, saveTable } from "./saving.js";
import { View } from "./view.js";

const KEPT_S = 600; // of the microphone
const about = readJson("about");
const rate = about.sample_rate_hz;
const byId = (id) => document.getElementById(id);
const network = new Network(about);
const player = new Player(rate, () => view.update());
const view = new View(about, player, () => recording);
const table = new DetectionTable(byId("detections"), byId("more"), {
  rate,
  tasks: about.tasks,
  play: (row) => view.play(row.start, row.end),
});

let recording = null; // or what the microphone heard
let microphone = null;
let job = new AbortController();
let windows = [];
let average = null;

const calibratedRules = calibrated(about);
const threshold = () => Number(byId("threshold").value);
const isCalibrated = () => Boolean(calibratedRules && byId("calibrated").checked);
const rules = () => (isCalibrated() ? calibratedRules : oneThreshold(about, threshold()));
const hop = () => Math.round(about.window_samples / Number(byId("hop").value));

function tell(text) {
  const status = byId("status");
  if (status.textContent !== text) status.textContent = text; // said once
}

function complain(text) {
  byId("problem").textContent = text;
  byId("problem").hidden = !text;
}

function showParts(isShown) {
  for (const id of ["view", "results", "found"]) byId(id).hidden = !isShown;
}

/** Forgets the last sound and shows the parts of a new one. */
function begin(isLive) {
  job.abort();
  job = new AbortController();
  microphone?.stop();
  microphone = null;
  player.stop();
  complain("");
  windows = [];
  average = new Average(about.window_samples);
  table.reset();
  view.reset(hop(), isLive);
  showParts(true);
  byId("source").classList.add("started");
  byId("stop").hidden = false;
  byId("listen").hidden = isLive;
  byId("sound").hidden = !isLive;
  byId("hop").disabled = isLive;
  byId("level").hidden = !isLive;
  byId("progress").hidden = isLive;
  byId("progress").value = 0;
  byId("scores-title").textContent = isLive ? "Now" : "Whole recording";
  byId("scores").replaceChildren();
  showDetections();
  return job.signal;
}

function end() {
  byId("stop").hidden = true;
  byId("listen").hidden = false;
  byId("progress").hidden = true;
  byId("level").hidden = true;
  byId("hop").disabled = false;
  view.isLive = false;
  showDetections();
}

function add(scored, isLive) {
  for (const window of scored) {
    view.add(window);
    delete window.pictures;
    windows.push(window);
    average.push(window);
  }
  show(isLive ? windows.at(-1).logits : average.logits());
  if (isLive) announce(windows.at(-1));
  showDetections();
}

/** Tells a screen reader when another class is heard. */
function announce(window) {
  const found = choose(window, about, rules());
  const text = found.map(({ label }) => label).join(", ");
  if (byId("announced").textContent !== text) byId("announced").textContent = text;
}

function detections() {
  return detect(windows, about, rules(), byId("join").checked);
}

let isWanted = false;
/** Shows the detections, a few times per second at most. */
function showDetections() {
  if (isWanted) return;
  isWanted = true;
  setTimeout(() => {
    isWanted = false;
    const rows = detections();
    table.show(rows, Boolean(microphone?.isOpen));
    byId("none").hidden = rows.length > 0;
    byId("count").textContent = rows.length.toLocaleString("en");
    byId("threshold-value").textContent = threshold().toFixed(2);
    byId("command").textContent = commandFor(recording?.name ?? "", about.file, {
      hopSeconds: hop() / rate,
      calibration: isCalibrated() ? about.calibration : null,
      threshold: threshold(),
      join: byId("join").checked,
    });
    view.rules = rules();
    view.update();
  }, 200);
}

async function hear(file) {
  const signal = begin(false);
  tell(`Reading ${file.name} …`);
  const startedAt = performance.now();
  try {
    recording = null;
    const opened = await openRecording(file, rate);
    if (signal.aborted) return;
    if (!opened.length) throw new Error("it holds no sound");
    recording = opened;
    await score(opened, signal, startedAt);
  } catch (error) {
    if (signal.aborted) return;
    complain(`${file.name} cannot be read as sound by this browser: ${reason(error)}.`);
    tell("Ready.");
    if (!windows.length) showParts(false);
  }
  if (!signal.aborted) end();
}

async function score(sound, signal, startedAt) {
  view.setLength(sound.length);
  const seconds = (sound.length / rate).toFixed(1);
  const found = (scored) => {
    add(scored, false);
    byId("progress").value = scored.at(-1).end / sound.length;
    tell(`Listening to ${sound.name} …`);
  };
  await listen(sound.blocks(), network, hop(), found, signal, false);
  if (signal.aborted) return;
  const took = ((performance.now() - startedAt) / 1000).toFixed(1);
  const cut = sound.isCutOff ? " Its end is missing: the file is cut off." : "";
  tell(`${sound.name}: ${seconds} s of sound, heard in ${took} s.${cut}`);
}

async function hearMicrophone() {
  const signal = begin(true);
  const opened = new Microphone(rate);
  microphone = opened;
  const name = `microphone ${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}.wav`;
  const sound = new HeardSound(name, rate, KEPT_S);
  recording = sound;
  try {
    tell("Waiting for the microphone …");
    await opened.open();
    const blocks = async function* () {
      for await (const block of opened.blocks()) {
        sound.add(block);
        view.setLength(sound.length);
        byId("level").querySelector(".bar > span").style.width = `${Math.min(100, 100 * opened.level)}%`;
        yield block;
      }
    };
    tell("Listening …");
    const found = (scored, leftOut) => {
      add(scored, true);
      tell(`Listening … ${losses(leftOut, opened.lostSeconds)}`);
    };
    const leftOut = await listen(blocks(), network, hop(), found, signal, true);
    const seconds = (sound.length / rate).toFixed(1);
    if (!signal.aborted) tell(`Heard ${seconds} s. ${losses(leftOut, opened.lostSeconds)}`);
  } catch (error) {
    if (signal.aborted) return;
    complain(error.message);
    tell("Ready.");
    if (!windows.length) showParts(false);
  }
  if (!signal.aborted) end();
}

/** What a device that is too slow did not hear, as a sentence. */
function losses(leftOut, lostSeconds) {
  const lost = [];
  if (leftOut) lost.push(`${leftOut} windows were left out`);
  if (lostSeconds > 1) lost.push(`${lostSeconds.toFixed(1)} s of sound were lost`);
  return lost.length ? `${lost.join(" and ")}: this device is too slow.` : "";
}

function reason(error) {
  const isKnown = error.name === "EncodingError" || error.name === "NotSupportedError";
  return isKnown ? "it is damaged, or of an unknown format" : error.message.replace(/\.$/, "");
}

/** Scores the recording again, after the hop has changed. */
async function again() {
  if (!recording || microphone?.isOpen) return;
  const sound = recording;
  if (sound instanceof HeardSound) return showDetections();
  const signal = begin(false);
  recording = sound;
  await score(sound, signal, performance.now());
  if (!signal.aborted) end();
}

function stop() {
  if (microphone?.isOpen) return microphone.stop();
  job.abort();
  tell("Stopped.");
  end();
}

function connect() {
  onRecording(byId("source"), byId("file"), hear);
  byId("listen").addEventListener("click", hearMicrophone);
  byId("stop").addEventListener("click", stop);
  byId("threshold").addEventListener("input", () => showDetections());
  byId("calibrated")?.addEventListener("change", chooseRules);
  byId("join").addEventListener("change", () => showDetections());
  byId("hop").addEventListener("change", again);
  for (const kind of ["csv", "raven"]) {
    const saveAs = () => saveTable(kind, detections(), recording.name, about);
    byId(kind).addEventListener("click", saveAs);
  }
  byId("sound").addEventListener("click", () => saveSound(recording, rate));
}

/** The slider is for when the calibrated thresholds are not used. */
function chooseRules() {
  byId("threshold").disabled = isCalibrated();
  showDetections();
  if (average?.weights && !microphone?.isOpen) show(average.logits());
}

/** Shows the scores of these logits. */
function show(logits) {
  const scores = scoresOf({ logits }, about, rules());
  showScores(byId("scores"), scores, about.tasks);
}

/** Says that the picture has not all classes. */
function tellLanes() {
  const count = Object.values(about.tasks).flat().length;
  byId("lanes").hidden = count <= MAX_LANES;
  byId("lanes").textContent = `The picture shows the ${MAX_LANES} most probable of ${count} classes.`;
}

async function start() {
  connect();
  tellLanes();
  byId("threshold").disabled = isCalibrated();
  const missing = missingMicrophone();
  byId("no-microphone").textContent = missing;
  byId("no-microphone").hidden = !missing;
  if (!window.WebAssembly || !window.DecompressionStream || !window.Worker) {
    tell("");
    return complain("This browser is too old for the network: it has no WebAssembly or cannot unpack it. Use a browser of 2023 or later.");
  }
  try {
    await network.load();
    const { difference, isEqual } = await checkBrowser(network);
    const figure = difference.toExponential(1);
    byId("check").textContent = `Checked in this browser: the largest difference of a logit from the trained model is ${figure}.`;
    if (!isEqual) complain(`This browser computes other scores than the trained model: a logit differs by ${figure}.`);
  } catch (error) {
    tell("");
    return complain(`This browser cannot run the network: ${error.message}.`);
  }
  byId("file").disabled = false;
  byId("listen").disabled = Boolean(missing);
  tell("Ready.");
}

start();
