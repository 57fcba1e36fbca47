// From blocks of samples to scored windows.

import { WindowCutter } from "./windows.js";

const BATCH_S = 8;
const MAX_BATCH = 8;
// The microphone does not wait: later windows are left out, and counted.
const MAX_WAITING_S = 20;

/**
 * Scores the windows of a sound.
 *
 * `blocks` yields Int16Arrays. `found` is called with scored windows, in
 * order: {start, end, padded, windows, logits, pictures}. Returns how many
 * windows were left out. Ends early when `signal` is aborted.
 */
export async function listen(blocks, network, hop, found, signal, isLive) {
  const { window_samples: size, sample_rate_hz: rate } = network.about;
  const cutter = new WindowCutter(size, hop);
  const batch = Math.max(1, Math.min(MAX_BATCH, Math.floor((BATCH_S * rate) / size)));
  let waiting = [];
  let leftOut = 0;

  async function score(fewest) {
    while (waiting.length >= fewest && waiting.length && !signal.aborted) {
      const { windows } = await network.score(waiting.splice(0, batch));
      if (!signal.aborted) found(windows.map(asScored), leftOut);
    }
  }

  for await (const block of blocks) {
    if (signal.aborted) return leftOut;
    waiting.push(...cutter.push(block));
    const most = Math.ceil((MAX_WAITING_S * rate) / hop);
    if (isLive && waiting.length > most) {
      leftOut += waiting.length - batch;
      waiting = waiting.slice(-batch);
    }
    await score(isLive ? 1 : batch);
  }
  waiting.push(...cutter.finish());
  await score(1);
  return leftOut;
}

function asScored({ start, held, samples, logits, pictures }) {
  const padded = held < samples.length;
  return { start, end: start + held, padded, windows: 1, logits, pictures };
}
