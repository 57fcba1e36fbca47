// Sound of the microphone as blocks at the rate of the network.

import { workletUrl } from "./embedded.js";
import { StreamResampler } from "./resampling.js";
import { toInt16 } from "./windows.js";

/** Why there is no microphone, as a sentence; "" if there may be one. */
export function missingMicrophone() {
  if (!isSecureContext) {
    return "The microphone needs a page from your disk or an https address.";
  }
  const isThere = navigator.mediaDevices?.getUserMedia && window.AudioWorkletNode;
  return isThere ? "" : "This browser has no microphone for pages.";
}

const REASONS = {
  NotAllowedError: "The microphone is not allowed for this page; allow it in the browser.",
  NotFoundError: "There is no microphone.",
  NotReadableError: "The microphone is in use by another program.",
};

/** An open microphone; `blocks` ends when it is stopped or unplugged. */
export class Microphone {
  constructor(rate) {
    this.rate = rate;
    this.waiting = [];
    this.level = 0;
    this.lostSeconds = 0; // of sound that a busy device did not hand over
    this.isOpen = true;
  }

  async open() {
    // What helps a telephone call would change the sound.
    const audio = {
      channelCount: 1,
      echoCancellation: false,
      noiseSuppression: false,
      autoGainControl: false,
    };
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio });
      this.context = new AudioContext();
      await this.context.audioWorklet.addModule(workletUrl("capture"));
    } catch (error) {
      this.stop();
      throw new Error(REASONS[error.name] ?? `The microphone does not work: ${error.message}.`);
    }
    const source = this.context.createMediaStreamSource(this.stream);
    const capture = new AudioWorkletNode(this.context, "capture", {
      channelCount: 1,
      channelCountMode: "explicit",
    });
    capture.port.onmessage = ({ data }) => this.#receive(data);
    source.connect(capture).connect(this.context.destination); // in silence
    this.stream.getAudioTracks()[0].onended = () => this.stop();
  }

  stop() {
    this.isOpen = false;
    this.stream?.getTracks().forEach((track) => track.stop());
    if (this.context?.state !== "closed") this.context?.close();
    this.wake?.();
  }

  /** Int16Arrays at the rate of the network, each with all that has come. */
  async *blocks() {
    const resampler = new StreamResampler(this.context.sampleRate, this.rate);
    while (this.isOpen || this.waiting.length) {
      if (!this.waiting.length) {
        await new Promise((resolve) => (this.wake = resolve));
        continue;
      }
      const blocks = this.waiting.splice(0);
      const size = blocks[0].length;
      const all = new Float32Array(blocks.length * size);
      blocks.forEach((block, i) => all.set(block, i * size));
      yield toInt16(resampler.push(all));
    }
    yield toInt16(resampler.push(new Float32Array(0), true));
  }

  #receive(block) {
    if (!this.isOpen) return;
    const now = performance.now() / 1000;
    this.firstAt ??= now;
    this.received ??= 0;
    this.lostSeconds = now - this.firstAt - this.received;
    this.received += block.length / this.context.sampleRate;
    this.level = block.reduce((top, x) => Math.max(top, Math.abs(x)), 0);
    this.waiting.push(block);
    this.wake?.();
  }
}

/** What was heard, to play and to save; the oldest minutes are dropped. */
export class HeardSound {
  constructor(name, rate, keptSeconds) {
    this.name = name;
    this.rate = rate;
    this.kept = keptSeconds * rate;
    this.blocks = [];
    this.first = 0; // the oldest sample that is still here
    this.length = 0;
  }

  add(block) {
    this.blocks.push(block);
    this.length += block.length;
    while (this.length - this.first - this.blocks[0].length > this.kept) {
      this.first += this.blocks.shift().length;
    }
  }

  async read(begin, end) {
    const samples = new Int16Array(end - begin);
    let at = this.first;
    for (const block of this.blocks) {
      const from = Math.max(begin, at);
      const to = Math.min(end, at + block.length);
      if (from < to) samples.set(block.subarray(from - at, to - at), from - begin);
      at += block.length;
    }
    return samples;
  }
}
