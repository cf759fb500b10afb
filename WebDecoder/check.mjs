// Runs the module that scripts/check-embedded builds: decodes prompts on a small model, whose parameters follow a formula, and on
// request measures the official size.

import { readFileSync, writeFileSync } from "node:fs";
import { performance } from "node:perf_hooks";

const [path, ...options] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(readFileSync(path), {});
const wasm = instance.exports;

/** Copies numbers into the module's memory. */
function place(numbers, Type) {
  const start = wasm.malloc(Math.max(1, numbers.length) * 4);
  new Type(wasm.memory.buffer, start, numbers.length).set(numbers);
  return start;
}

/** A decoder of a size, and what is needed to call it. */
function makeDecoder(imageSize, width, mlpWidth) {
  const handle = wasm.sam_check_decoder(imageSize, width, mlpWidth);
  if (handle === 0) throw new Error("the decoder was not made");
  const side = imageSize / 4;
  const mask = wasm.malloc(side * side * 4);
  wasm.sam_check_mask(side, mask);

  function decode({ coordinates, kinds, hasMask, first, count }) {
    const inputs = [place(coordinates.flat(), Float32Array), place(kinds, Int32Array)];
    const logits = wasm.malloc(count * side * side * 4);
    const iou = wasm.malloc(count * 4);
    const began = performance.now();
    const done = wasm.sam_decoder_decode(
      handle, ...inputs, kinds.length, hasMask ? mask : 0, first, count, logits, iou);
    const milliseconds = performance.now() - began;
    if (done !== 1) throw new Error("the prompt was refused");
    const result = {
      milliseconds,
      logits: new Float32Array(wasm.memory.buffer, logits, count * side * side).slice(),
      iou: new Float32Array(wasm.memory.buffer, iou, count).slice(),
    };
    for (const start of [...inputs, logits, iou]) wasm.free(start);
    return result;
  }
  return { handle, decode };
}

const point = { coordinates: [[40, 50], [0, 0]], kinds: [2, 0], hasMask: false, first: 1, count: 3 };
const prompts = {
  point,
  "point and background": {
    coordinates: [[40, 50], [90.5, 7], [0, 0]], kinds: [2, 1, 0], hasMask: false, first: 0, count: 1,
  },
  box: { coordinates: [[10, 20], [100, 110]], kinds: [3, 4], hasMask: false, first: 0, count: 4 },
  mask: { coordinates: [[64, 64], [0, 0]], kinds: [2, 0], hasMask: true, first: 1, count: 3 },
};

const small = { imageSize: 128, width: 64, mlpWidth: 128 };
const model = makeDecoder(small.imageSize, small.width, small.mlpWidth);
const report = { ...small, cases: [] };
for (const [name, prompt] of Object.entries(prompts)) {
  const { logits, iou } = model.decode(prompt);
  if (![...logits, ...iou].every(Number.isFinite)) throw new Error(`${name}: not all numbers are finite`);
  report.cases.push({ name, ...prompt, logits: [...logits], iou: [...iou] });
  console.log(`${name}: predicted IoU ${[...iou].map((value) => value.toFixed(5)).join(" ")}`);
}

// What a page could get wrong is refused and does not end the module.
const refused = (change) => {
  try {
    model.decode({ ...point, ...change });
    return false;
  } catch {
    return true;
  }
};
for (const change of [{ kinds: [2, 9] }, { first: 4 }, { first: 3, count: 2 }, { count: 0 }, { first: -1 }])
  if (!refused(change)) throw new Error(`accepted ${JSON.stringify(change)}`);
wasm.sam_decoder_free(model.handle);

const json = options.indexOf("--json");
if (options.includes("--time")) {
  const { decode } = makeDecoder(1024, 256, 2048);
  const times = Array.from({ length: 30 }, () => decode(point).milliseconds).sort((a, b) => a - b);
  report.official = { fastest: times[0], median: times[times.length >> 1] };
  console.log(`official size, one point, one thread: ${times[times.length >> 1].toFixed(1)} ms (fastest ${times[0].toFixed(1)})`);
}
if (json >= 0) writeFileSync(options[json + 1], JSON.stringify(report));
console.log(`memory: ${(wasm.memory.buffer.byteLength / 2 ** 20).toFixed(1)} MiB`);
