// A test of this browser: does it compute what the trained model computed?

/** The same noise as in probe.py: whole numbers, so equal in every language. */
export function noise(count) {
  const samples = new Int16Array(count);
  let state = 1;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const quieter = 1 + Math.floor((8 * i) / count);
    samples[i] = ((state >>> 16) - 32768) >> quieter;
  }
  return samples;
}

/** The largest difference of a logit from those of the trained model. */
export async function checkBrowser(network) {
  const { window_samples: size, probe } = network.about;
  const window = { start: 0, held: size, samples: noise(size) };
  const { windows, seconds } = await network.score([window]);
  let [difference, largest] = [0, 1];
  for (const [task, expected] of Object.entries(probe)) {
    expected.forEach((value, i) => {
      const found = windows[0].logits[task][i];
      difference = Math.max(difference, Math.abs(found - value) || 0);
      if (!Number.isFinite(found)) difference = Infinity;
      largest = Math.max(largest, Math.abs(value));
    });
  }
  return { difference, isEqual: difference <= 1e-4 * largest, seconds };
}
