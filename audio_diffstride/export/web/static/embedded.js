// What the page holds besides its text: JSON, scripts, and packed bytes.

/** The JSON of a data block. */
export function readJson(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

/** The bytes of a data block of base64. */
export function readBytes(id) {
  const text = atob(document.getElementById(id).textContent.trim());
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The address of a data block as the script of a worker. */
export function workerUrl(id, ...before) {
  const parts = [...before, document.getElementById(id).textContent];
  return URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));
}

/** The same for the audio thread: from disk, Chromium starts no blob there. */
export function workletUrl(id) {
  const text = document.getElementById(id).textContent;
  return `data:text/javascript,${encodeURIComponent(text)}`;
}

/** The same bytes before gzip packed them. */
export async function unpack(bytes) {
  const stream = new Blob([bytes]).stream();
  const unpacked = stream.pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
}
