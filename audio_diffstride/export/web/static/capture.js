// In the audio thread: hands the sound of the microphone to the page.

const BLOCK = 4096;

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Float32Array(BLOCK);
    this.filled = 0;
  }

  process([channels]) {
    const [sound] = channels;
    if (!sound) return true; // the microphone is not there yet
    this.block.set(sound, this.filled);
    this.filled += sound.length;
    if (this.filled === BLOCK) {
      this.port.postMessage(this.block);
      this.filled = 0;
    }
    return true;
  }
}

registerProcessor("capture", Capture);
