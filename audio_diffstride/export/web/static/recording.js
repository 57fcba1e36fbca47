// A dropped recording, read piece by piece as far as its format allows.

import { Resampler } from "./resampling.js";
import { readFrames, readHeader } from "./wav.js";
import { toInt16 } from "./windows.js";

const PIECE_S = 5;
// Where the decoder resamples, what it does wrong is above what is heard.
const DECODED_HZ = 48000;

/**
 * Opens a file as {name, length, isCutOff, blocks(), read(begin, end)}.
 *
 * Its samples are Int16Arrays at the rate of the network. A WAV file is read
 * piece by piece, however long it is. Others are decoded as a whole: no
 * browser decodes a part of them.
 */
export async function openRecording(file, rate) {
  const header = await readHeader(file);
  if (header) return new WavRecording(file, header, rate);
  const sound = await decode(await file.arrayBuffer(), rate);
  return new DecodedRecording(file.name, sound);
}

/** Mono Int16 samples of an encoded recording. */
async function decode(bytes, rate) {
  const multiple = Math.ceil(DECODED_HZ / rate);
  const context = new OfflineAudioContext(1, 1, multiple * rate);
  const sound = await context.decodeAudioData(bytes);
  const mono = sound.getChannelData(0);
  const count = sound.numberOfChannels;
  for (let c = 1; c < count; c++) {
    const channel = sound.getChannelData(c);
    for (let i = 0; i < mono.length; i++) mono[i] += channel[i];
  }
  if (count > 1) for (let i = 0; i < mono.length; i++) mono[i] /= count;
  const resampler = new Resampler(multiple * rate, rate);
  const samples = new Int16Array(resampler.length(mono.length));
  for (let at = 0; at < samples.length; at += rate) {
    const end = Math.min(at + rate, samples.length);
    samples.set(toInt16(resampler.resample(mono, 0, at, end)), at);
  }
  return samples;
}

class DecodedRecording {
  constructor(name, samples) {
    this.name = name;
    this.samples = samples;
    this.length = samples.length;
  }

  async *blocks() {
    const size = 1 << 18;
    for (let at = 0; at < this.length; at += size) {
      yield this.samples.subarray(at, at + size);
    }
  }

  async read(begin, end) {
    return this.samples.subarray(begin, end);
  }
}

class WavRecording {
  constructor(file, header, rate) {
    this.name = file.name;
    this.file = file;
    this.header = header;
    this.size = PIECE_S * rate;
    this.resampler = new Resampler(header.rate, rate);
    this.length = this.resampler.length(header.frames);
    this.isCutOff = header.isCutOff;
  }

  async *blocks() {
    for (let at = 0; at < this.length; at += this.size) {
      yield await this.read(at, Math.min(at + this.size, this.length));
    }
  }

  async read(begin, end) {
    const [first, last] = this.resampler.needed(begin, end);
    const frames = Math.min(last, this.header.frames);
    const sound = await readFrames(this.file, this.header, first, frames);
    return toInt16(this.resampler.resample(sound, first, begin, end));
  }
}
