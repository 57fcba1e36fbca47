// WAV files: where the samples are, and a file of some of them.

/**
 * Finds the samples of a WAV file.
 *
 * Returns {rate, channels, frameBytes, offset, frames, format}, where format
 * is the content of the chunk "fmt ". Null if the file is no WAV of plain
 * samples; the browser may still decode it as a whole.
 */
export async function readHeader(file) {
  const head = await read(file, 0, 12);
  if (head.byteLength < 12 || tag(head, 0) !== "RIFF") return null;
  if (tag(head, 8) !== "WAVE") return null;
  let format = null;
  for (let at = 12; at + 8 <= file.size; ) {
    const chunk = await read(file, at, 8);
    const size = chunk.getUint32(4, true);
    if (tag(chunk, 0) === "fmt ") {
      format = await read(file, at + 8, size);
      if (format.byteLength < 16) return null;
    }
    if (tag(chunk, 0) === "data") return format && layout(format, at + 8, size, file);
    at += 8 + size + (size % 2);
  }
  return null;
}

function layout(format, offset, size, file) {
  const [PCM, FLOAT, EXTENSIBLE] = [1, 3, 0xfffe];
  let kind = format.getUint16(0, true);
  if (kind === EXTENSIBLE && format.byteLength >= 26) {
    kind = format.getUint16(24, true);
  }
  const channels = format.getUint16(2, true);
  const rate = format.getUint32(4, true);
  const frameBytes = format.getUint16(12, true);
  if (![PCM, FLOAT].includes(kind) || !channels || !rate || !frameBytes) return null;
  // Programs that were stopped, and recordings of over 4 GB, leave a wrong size.
  const bytes = Math.min(size || Infinity, file.size - offset);
  const frames = Math.floor(bytes / frameBytes);
  return { rate, channels, frameBytes, offset, frames, format: buffer(format) };
}

/** The frames from `begin` to `end` as a WAV file of their own. */
export async function cut(file, header, begin, end) {
  const bytes = (end - begin) * header.frameBytes;
  const from = header.offset + begin * header.frameBytes;
  const samples = await file.slice(from, from + bytes).arrayBuffer();
  return wavFile(header.format, samples);
}

/** A WAV file of mono samples: Int16Array or Float32Array. */
export function fromSamples(samples, rate) {
  const width = samples.BYTES_PER_ELEMENT;
  const format = new DataView(new ArrayBuffer(16));
  format.setUint16(0, samples instanceof Float32Array ? 3 : 1, true);
  format.setUint16(2, 1, true);
  format.setUint32(4, rate, true);
  format.setUint32(8, rate * width, true);
  format.setUint16(12, width, true);
  format.setUint16(14, 8 * width, true);
  return wavFile(buffer(format), buffer(samples));
}

function wavFile(format, samples) {
  const start = 20 + format.byteLength;
  const bytes = new Uint8Array(start + 8 + samples.byteLength);
  const data = new DataView(bytes.buffer);
  const put = (at, text) => bytes.set(new TextEncoder().encode(text), at);
  put(0, "RIFF");
  data.setUint32(4, bytes.length - 8, true);
  put(8, "WAVEfmt ");
  data.setUint32(16, format.byteLength, true);
  bytes.set(new Uint8Array(format), 20);
  put(start, "data");
  data.setUint32(start + 4, samples.byteLength, true);
  bytes.set(new Uint8Array(samples), start + 8);
  return bytes.buffer;
}

async function read(file, at, size) {
  return new DataView(await file.slice(at, at + size).arrayBuffer());
}

function buffer(array) {
  const { byteOffset, byteLength } = array;
  return array.buffer.slice(byteOffset, byteOffset + byteLength);
}

function tag(data, at) {
  if (data.byteLength < at + 4) return "";
  const codes = [0, 1, 2, 3].map((i) => data.getUint8(at + i));
  return String.fromCharCode(...codes);
}
