// Plays parts of a recording as the network hears them.

export class Player {
  constructor(rate, changed) {
    this.rate = rate;
    this.changed = changed;
  }

  /** Plays Int16 samples that begin at the sample `begin`. */
  async play(samples, begin) {
    this.stop();
    if (!samples.length) return;
    this.context ??= new AudioContext();
    await this.context.resume();
    const buffer = this.context.createBuffer(1, samples.length, this.rate);
    buffer.copyToChannel(Float32Array.from(samples, (x) => x / 32768), 0);
    const source = this.context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.context.destination);
    source.onended = () => {
      if (this.source === source) this.stop();
    };
    source.start();
    this.source = source;
    this.begin = begin;
    this.startedAt = this.context.currentTime;
    this.changed();
  }

  stop() {
    const { source } = this;
    this.source = null;
    source?.stop();
    if (source) this.changed();
  }

  get isPlaying() {
    return Boolean(this.source);
  }

  /** The sample that is heard now; null in silence. */
  get position() {
    if (!this.source) return null;
    const seconds = this.context.currentTime - this.startedAt;
    return this.begin + Math.floor(seconds * this.rate);
  }
}
