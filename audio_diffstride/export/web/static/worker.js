// The network, in a worker: windows come in, logits and pictures go out.
//
// The page puts the runtime before this script. It defines `ort`.

import { unpack } from "./embedded.js";

let session;

const answers = {
  /** Starts the runtime with the network. */
  async load({ runtime, network }) {
    ort.env.wasm.numThreads = 1; // several need headers that a file lacks
    ort.env.wasm.wasmBinary = (await unpack(runtime)).buffer;
    session = await ort.InferenceSession.create(await unpack(network), {
      executionProviders: ["wasm"],
    });
    ort.env.wasm.wasmBinary = undefined;
    return { outputs: session.outputNames };
  },

  /** Scores windows that lie one behind the other in `samples`. */
  async score({ samples, count, outputs }) {
    const waveforms = Float32Array.from(samples, (value) => value / 32768);
    const shape = [count, samples.length / count];
    const waveform = new ort.Tensor("float32", waveforms, shape);
    const begin = performance.now();
    const found = await session.run({ waveform }, outputs);
    const values = {};
    for (const name of outputs) {
      values[name] = { data: found[name].data.slice(), shape: found[name].dims };
    }
    return { values, seconds: (performance.now() - begin) / 1000 };
  },
};

onmessage = async ({ data: { id, kind, ...question } }) => {
  try {
    postMessage({ id, answer: await answers[kind](question) });
  } catch (error) {
    postMessage({ id, error: String(error?.message ?? error) });
  }
};
