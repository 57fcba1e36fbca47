// A dropped recording, read piece by piece as far as its format allows.

import { Grid, decode } from "./resampling.js";
import { cut, readHeader } from "./wav.js";

const PIECE_S = 20;

/**
 * Opens a file that the browser can decode.
 *
 * A WAV file is read piece by piece, however long it is. Others are decoded as
 * a whole: no browser decodes a part of them.
 */
export async function openRecording(file, rate) {
  const header = await readHeader(file);
  if (header && header.frames) return new WavRecording(file, header, rate);
  const samples = await decode(await file.arrayBuffer(), rate);
  return new DecodedRecording(file.name, samples);
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
    this.rate = rate;
    this.grid = new Grid(header.rate, rate);
    this.length = Math.ceil((header.frames * rate) / header.rate);
  }

  async *blocks() {
    const steps = Math.max(1, Math.round((PIECE_S * this.rate) / this.grid.to));
    const size = steps * this.grid.to;
    for (let at = 0; at < this.length; at += size) {
      yield await this.read(at, Math.min(at + size, this.length));
    }
  }

  /** The samples from `begin` to `end`, at the rate of the network. */
  async read(begin, end) {
    const { from, to, margin } = this.grid;
    const first = Math.max(0, Math.floor(begin / to) - margin);
    const last = Math.ceil(end / to) + margin;
    const frames = Math.min(last * from, this.header.frames);
    const bytes = await cut(this.file, this.header, first * from, frames);
    const samples = await decode(bytes, this.rate);
    const skip = begin - first * to;
    const wanted = new Int16Array(end - begin);
    wanted.set(samples.subarray(skip, skip + wanted.length));
    return wanted;
  }
}
