// WAV files: where the samples are, what they are, and how to write some.

const [PCM, FLOAT, EXTENSIBLE] = [1, 3, 0xfffe];

/**
 * Finds the samples of a WAV file.
 *
 * Returns {rate, channels, frameBytes, offset, frames, read, isCutOff}, where
 * `read` gets the value of a sample of a DataView. Null if the file is no WAV
 * of plain samples; the browser may still decode it.
 */
export async function readHeader(file) {
  const head = await part(file, 0, 12);
  const isWav = ["RIFF", "RF64", "BW64"].includes(tag(head, 0));
  if (!isWav || tag(head, 8) !== "WAVE") return null;
  let format = null;
  for (let at = 12; at + 8 <= file.size; ) {
    const chunk = await part(file, at, at + 8);
    const size = chunk.getUint32(4, true);
    if (tag(chunk, 0) === "fmt ") format = await part(file, at + 8, at + 8 + size);
    if (tag(chunk, 0) === "data") return layout(format, at + 8, size, file);
    at += 8 + size + (size % 2);
  }
  return null;
}

function layout(format, offset, size, file) {
  if (!format || format.byteLength < 16) return null;
  let kind = format.getUint16(0, true);
  if (kind === EXTENSIBLE && format.byteLength >= 26) {
    kind = format.getUint16(24, true);
  }
  const channels = format.getUint16(2, true);
  const rate = format.getUint32(4, true);
  const frameBytes = format.getUint16(12, true);
  const read = READERS[`${kind}:${frameBytes / channels}`];
  if (!read || !rate) return null;
  // A program that was stopped leaves 0; over 4 GB there is no right number.
  const isOpen = size === 0 || size === 0xffffffff;
  const bytes = Math.min(isOpen ? Infinity : size, file.size - offset);
  const frames = Math.floor(bytes / frameBytes);
  const isCutOff = !isOpen && bytes < size;
  return { rate, channels, frameBytes, offset, frames, read, isCutOff };
}

// By kind and bytes of a sample: (data, place) to a value in [-1, 1].
const READERS = {
  [`${PCM}:1`]: (data, at) => (data.getUint8(at) - 128) / 2 ** 7,
  [`${PCM}:2`]: (data, at) => data.getInt16(at, true) / 2 ** 15,
  [`${PCM}:3`]: (data, at) =>
    (data.getInt8(at + 2) * 65536 + data.getUint16(at, true)) / 2 ** 23,
  [`${PCM}:4`]: (data, at) => data.getInt32(at, true) / 2 ** 31,
  [`${FLOAT}:4`]: (data, at) => data.getFloat32(at, true),
  [`${FLOAT}:8`]: (data, at) => data.getFloat64(at, true),
};

/** The frames from `begin` to `end`, as the mean of the channels. */
export async function readFrames(file, header, begin, end) {
  const { channels, frameBytes, offset, read } = header;
  const from = offset + begin * frameBytes;
  const data = await part(file, from, offset + end * frameBytes);
  const width = frameBytes / channels;
  const mono = new Float32Array(Math.floor(data.byteLength / frameBytes));
  for (let i = 0; i < mono.length; i++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += read(data, i * frameBytes + c * width);
    if (!Number.isFinite(sum)) throw new Error("it holds samples that are no numbers");
    mono[i] = sum / channels;
  }
  return mono;
}

/** A WAV file of 16-bit mono samples. */
export function wavFile(samples, rate) {
  const data = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const put = (at, text) =>
    [...text].forEach((letter, i) => data.setUint8(at + i, letter.charCodeAt(0)));
  put(0, "RIFF");
  data.setUint32(4, data.byteLength - 8, true);
  put(8, "WAVEfmt ");
  data.setUint32(16, 16, true);
  data.setUint16(20, PCM, true);
  data.setUint16(22, 1, true);
  data.setUint32(24, rate, true);
  data.setUint32(28, 2 * rate, true);
  data.setUint16(32, 2, true);
  data.setUint16(34, 16, true);
  put(36, "data");
  data.setUint32(40, 2 * samples.length, true);
  samples.forEach((value, i) => data.setInt16(44 + 2 * i, value, true));
  return data.buffer;
}

async function part(file, from, to) {
  return new DataView(await file.slice(from, to).arrayBuffer());
}

function tag(data, at) {
  if (data.byteLength < at + 4) return "";
  const codes = [0, 1, 2, 3].map((i) => data.getUint8(at + i));
  return String.fromCharCode(...codes);
}
