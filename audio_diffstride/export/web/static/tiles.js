// The pictures of consecutive windows, as bytes, without what overlaps.

// Twice the range of speech at a normal level; 0 is silence.
const TOP = 1.5;
const MAX_BYTES = 64e6;

/** Tiles in order of time; the oldest ones are dropped when many are held. */
export class Tiles {
  constructor(windowSamples) {
    this.windowSamples = windowSamples;
    this.tiles = [];
    this.bytes = 0;
    this.end = 0;
  }

  /** Adds what a scored window shows after the end of the one before. */
  add({ start, end, pictures }) {
    const begin = Math.max(start, this.end);
    const stages = pictures.map((picture) =>
      this.#cut(picture, begin - start, end - start),
    );
    const bytes = stages.reduce((sum, { data }) => sum + data.length, 0);
    this.tiles.push({ begin, end, stages, bytes });
    this.end = end;
    this.bytes += bytes;
    while (this.bytes > MAX_BYTES) this.bytes -= this.tiles.shift().bytes;
  }

  /** The tiles between two samples. */
  between(begin, end) {
    let [low, high] = [0, this.tiles.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.tiles[middle].end <= begin) low = middle + 1;
      else high = middle;
    }
    const found = [];
    while (low < this.tiles.length && this.tiles[low].begin < end) {
      found.push(this.tiles[low++]);
    }
    return found;
  }

  /** Columns of a picture: from low frequencies, row after row. */
  #cut({ data, frames, bands }, from, to) {
    const perSample = frames / this.windowSamples;
    const first = Math.floor(from * perSample);
    const last = Math.min(frames, Math.ceil(to * perSample));
    const width = Math.max(1, last - first);
    const bytes = new Uint8ClampedArray(width * bands);
    for (let x = 0; x < width; x++) {
      for (let y = 0; y < bands; y++) {
        const value = data[(first + x) * bands + y];
        bytes[(bands - 1 - y) * width + x] = (255 * value) / TOP;
      }
    }
    const offset = from * perSample - first;
    return { data: bytes, width, bands, offset, shown: (to - from) * perSample };
  }
}
