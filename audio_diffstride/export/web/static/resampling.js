// To mono samples at the rate of the network, by the browser's own decoder.

import { fromSamples } from "./wav.js";
import { toInt16 } from "./windows.js";

/** The samples of an encoded recording, as an Int16Array. */
export async function decode(bytes, rate) {
  // A decoder resamples to the rate of its context.
  const context = new OfflineAudioContext(1, 1, rate);
  const sound = await context.decodeAudioData(bytes);
  return toInt16(mixedDown(sound));
}

/** The mean of all channels. */
function mixedDown(sound) {
  const mono = sound.getChannelData(0);
  for (let c = 1; c < sound.numberOfChannels; c++) {
    const channel = sound.getChannelData(c);
    for (let i = 0; i < mono.length; i++) mono[i] += channel[i];
  }
  if (sound.numberOfChannels > 1) {
    for (let i = 0; i < mono.length; i++) mono[i] /= sound.numberOfChannels;
  }
  return mono;
}

/**
 * Places where both rates have a sample at the same time.
 *
 * A stream is decoded piece by piece. Its pieces begin and end there, and
 * each is decoded with a margin, so that they fit together without a seam.
 */
export class Grid {
  constructor(fromRate, toRate) {
    const step = gcd(fromRate, toRate);
    this.from = fromRate / step;
    this.to = toRate / step;
    // As much as an interpolation filter can reach, a few times over.
    const reach = 256 * Math.max(1, fromRate / toRate);
    this.margin = fromRate === toRate ? 0 : Math.ceil(reach / this.from);
  }
}

function gcd(a, b) {
  return b ? gcd(b, a % b) : a;
}

/** Resamples mono float samples that arrive block by block. */
export class StreamResampler {
  constructor(fromRate, toRate) {
    this.fromRate = fromRate;
    this.toRate = toRate;
    this.grid = new Grid(fromRate, toRate);
    this.held = new Float32Array(0);
    this.skip = 0; // samples of `held` that are only margin
  }

  /** The next Int16Array; of the last block also what was held back. */
  async push(block, isLast = false) {
    const { from, to, margin } = this.grid;
    const held = new Float32Array(this.held.length + block.length);
    held.set(this.held);
    held.set(block, this.held.length);
    this.held = held;
    if (!margin) {
      this.held = new Float32Array(0);
      return toInt16(held);
    }
    const whole = Math.floor(held.length / from);
    const ready = isLast ? held.length / from : whole - margin;
    if (ready <= this.skip) return new Int16Array(0);
    const wav = fromSamples(held, this.fromRate);
    const samples = await decode(wav, this.toRate);
    const begin = this.skip * to;
    const end = Math.ceil(ready * to);
    const drop = Math.max(0, ready - margin);
    if (!isLast) {
      this.held = held.slice(drop * from);
      this.skip = ready - drop;
    }
    return samples.slice(begin, end);
  }
}
