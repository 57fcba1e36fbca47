// Resampling by a windowed sinc, as close to soxr's "HQ" as 16 bits show.
//
// Browsers resample while they decode, with filters that leave images of low
// frequencies in high bands. There a network hears them.

const PASSED = 0.9136; // of the lower Nyquist frequency; from 1 on all is gone
const ATTENUATION_DB = 126;

/** From one sample rate to another; times are kept. */
export class Resampler {
  constructor(fromRate, toRate) {
    const divisor = gcd(fromRate, toRate);
    this.from = fromRate / divisor;
    this.to = toRate / divisor;
    // The window of Kaiser, with his estimates for its shape and its length.
    this.beta = 0.1102 * (ATTENUATION_DB - 8.7);
    const width = Math.PI * (1 - PASSED);
    const taps = (ATTENUATION_DB - 8) / (2.285 * width);
    const lower = Math.min(fromRate, toRate) / fromRate;
    this.cutoff = ((1 + PASSED) / 2) * lower;
    const isCopy = fromRate === toRate;
    this.reach = isCopy ? 0 : Math.ceil(taps / 2 / lower);
    this.kernels = new Map();
  }

  /** How many samples so many become. */
  length(samples) {
    return Math.round((samples * this.to) / this.from);
  }

  /** The first sample, and the one after the last, that an output needs. */
  needed(begin, end) {
    const [from, to] = [this.from, this.to];
    const first = Math.floor((begin * from) / to) - this.reach;
    return [Math.max(0, first), Math.ceil((end * from) / to) + this.reach];
  }

  /** How many outputs have all that they need in the first `samples`. */
  ready(samples) {
    const last = ((samples - this.reach) * this.to) / this.from;
    return Math.max(0, Math.floor(last));
  }

  /** Outputs `begin` to `end`, from input that begins at sample `offset`. */
  resample(input, offset, begin, end) {
    if (!this.reach) return input.slice(begin - offset, end - offset);
    const output = new Float32Array(end - begin);
    for (let i = begin; i < end; i++) {
      const phase = (i * this.from) % this.to;
      const kernel = this.#kernel(phase);
      const first = (i * this.from - phase) / this.to - this.reach - offset;
      const low = Math.max(0, -first);
      const high = Math.min(kernel.length, input.length - first);
      let sum = 0;
      for (let k = low; k < high; k++) sum += kernel[k] * input[first + k];
      output[i - begin] = sum;
    }
    return output;
  }

  #kernel(phase) {
    let kernel = this.kernels.get(phase);
    if (kernel) return kernel;
    kernel = Float64Array.from({ length: 2 * this.reach + 2 }, (_, k) => {
      const t = k - this.reach - phase / this.to;
      const x = Math.PI * this.cutoff * t;
      const place = 1 - (t / (this.reach + 1)) ** 2;
      const window = bessel(this.beta * Math.sqrt(Math.max(0, place)));
      return (x ? Math.sin(x) / x : 1) * window;
    });
    const total = kernel.reduce((sum, value) => sum + value, 0);
    kernel.forEach((value, k) => (kernel[k] = value / total));
    this.kernels.set(phase, kernel);
    return kernel;
  }
}

/** Resamples a sound that arrives block by block. */
export class StreamResampler {
  constructor(fromRate, toRate) {
    this.resampler = new Resampler(fromRate, toRate);
    this.held = new Float32Array(0);
    this.offset = 0; // of `held`, in samples that came
    this.done = 0; // samples that went
  }

  /** The samples that are ready; after the last block all. */
  push(block, isLast = false) {
    const held = new Float32Array(this.held.length + block.length);
    held.set(this.held);
    held.set(block, this.held.length);
    const came = this.offset + held.length;
    const end = isLast ? this.resampler.length(came) : this.resampler.ready(came);
    const begin = this.done;
    if (end <= begin) {
      this.held = held;
      return new Float32Array(0);
    }
    const samples = this.resampler.resample(held, this.offset, begin, end);
    this.done = end;
    const [needed] = this.resampler.needed(end, end);
    this.held = held.slice(needed - this.offset);
    this.offset = needed;
    return samples;
  }
}

function gcd(a, b) {
  return b ? gcd(b, a % b) : a;
}

/** The modified Bessel function of order 0. */
function bessel(x) {
  let [term, sum] = [1, 1];
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
