// Windows of a recording, as `audio-diffstride predict` cuts them.

/**
 * Cuts blocks of samples into windows; pads the last one with zeros.
 *
 * The last window is the first one that reaches the end. A window is
 * {start, held, samples}: its first sample, how many samples are recording,
 * and an Int16Array as long as the input of the network.
 */
export class WindowCutter {
  constructor(windowSamples, hopSamples) {
    this.windowSamples = windowSamples;
    this.hopSamples = hopSamples;
    this.held = new Int16Array(0);
    this.start = 0;
  }

  /** Windows after which another one follows. */
  push(block) {
    this.held = joined(this.held, block);
    const windows = [];
    let begin = 0;
    while (this.held.length - begin > this.windowSamples) {
      const samples = this.held.slice(begin, begin + this.windowSamples);
      windows.push({ start: this.start, held: this.windowSamples, samples });
      begin += this.hopSamples;
      this.start += this.hopSamples;
    }
    this.held = this.held.slice(begin);
    return windows;
  }

  /** The last window, in a list; nothing of an empty recording. */
  finish() {
    const held = this.held.length;
    if (!held) return [];
    const samples = new Int16Array(this.windowSamples);
    samples.set(this.held);
    this.held = new Int16Array(0);
    return [{ start: this.start, held, samples }];
  }
}

function joined(first, second) {
  const both = new Int16Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** Samples in [-1, 1] as 16-bit integers, rounded half to even and clipped. */
export function toInt16(samples) {
  const integers = new Int16Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const scaled = samples[i] * 32768;
    let rounded = Math.round(scaled);
    if (rounded - scaled === 0.5 && rounded % 2) rounded -= 1;
    integers[i] = Math.max(-32768, Math.min(32767, rounded));
  }
  return integers;
}
