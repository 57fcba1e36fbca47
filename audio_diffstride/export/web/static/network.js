// The page's side of the worker with the network.

import { readBytes, unpack, workerUrl } from "./embedded.js";

/** The network in a worker of its own. */
export class Network {
  constructor(about) {
    this.about = about;
    this.waiting = new Map();
    this.count = 0;
  }

  /** Unpacks and starts the runtime, and loads the network. */
  async load() {
    const library = await unpack(readBytes("runtime-script"));
    this.worker = new Worker(workerUrl("worker", library));
    this.worker.onmessage = ({ data }) => this.#settle(data);
    this.worker.onerror = (event) => {
      for (const { reject } of this.waiting.values()) {
        reject(new Error(event.message || "the worker did not start"));
      }
      this.waiting.clear();
    };
    const runtime = readBytes("runtime");
    const network = readBytes("network");
    await this.#ask({ kind: "load", runtime, network });
  }

  /**
   * Scores windows; returns {windows, seconds}.
   *
   * Each window gains `logits`, {task: Float32Array}, and `pictures`, a list
   * of {data, frames, bands}.
   */
  async score(windows) {
    const { tasks, window_samples: size, pictures } = this.about;
    const samples = new Int16Array(windows.length * size);
    windows.forEach((window, i) => samples.set(window.samples, i * size));
    const logits = Object.keys(tasks).map((task) => `${task}:logits`);
    const outputs = [...logits, ...pictures];
    const count = windows.length;
    const { values, seconds } = await this.#ask({
      kind: "score", samples, count, outputs,
    });
    const part = ({ data, shape }, i) => {
      const length = data.length / shape[0];
      return data.subarray(i * length, (i + 1) * length);
    };
    const scored = windows.map((window, i) => ({
      ...window,
      logits: Object.fromEntries(
        Object.keys(tasks).map((t) => [t, part(values[`${t}:logits`], i)]),
      ),
      pictures: pictures.map((name) => {
        const [frames, bands] = values[name].shape.slice(-2);
        return { data: part(values[name], i), frames, bands };
      }),
    }));
    return { windows: scored, seconds };
  }

  #ask(question) {
    const id = this.count++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, ...question });
    });
  }

  #settle({ id, answer, error }) {
    const { resolve, reject } = this.waiting.get(id);
    this.waiting.delete(id);
    if (error === undefined) resolve(answer);
    else reject(new Error(error));
  }
}
