// Runs the module that scripts/check-embedded builds: decodes prompts on a small model whose parameters follow a formula and on the
// model inside, and on request measures the official size.

import { readFileSync, writeFileSync } from "node:fs";
import { performance } from "node:perf_hooks";

const [path, ...options] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(readFileSync(path), {});
const wasm = instance.exports;

function check(condition, message) {
  if (!condition) throw new Error(message);
}

/** Copies numbers or bytes into the module's memory. */
function place(numbers) {
  const start = wasm.malloc(Math.max(1, numbers.byteLength));
  new numbers.constructor(wasm.memory.buffer, start, numbers.length).set(numbers);
  return start;
}

/** A half-precision number. */
function half(bits) {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const magnitude = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}

/** The decoder's tensors of a safetensors file, in half precision or single. */
function* decoderTensors(path) {
  const file = readFileSync(path);
  const end = 8 + Number(file.readBigUInt64LE(0));
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(JSON.parse(file.toString("utf8", 8, end)))) {
    if (!/^(prompt_encoder|mask_decoder)\./.test(name)) continue;
    check(dtype === "F16" || dtype === "F32", `${name} has the type ${dtype}`);
    const [start, size] = [end + data_offsets[0], dtype === "F16" ? 2 : 4];
    const values = new Float32Array((data_offsets[1] - data_offsets[0]) / size);
    for (let i = 0; i < values.length; i++)
      values[i] = size === 2 ? half(file.readUInt16LE(start + 2 * i)) : file.readFloatLE(start + 4 * i);
    yield { name, shape, values };
  }
}

/** The handle of a decoder of a file's parameters without those that `omit` names. */
function loadDecoder(path, sizes, omit) {
  const parameters = wasm.sam_parameters_new();
  for (const { name, shape, values } of decoderTensors(path)) {
    if (name === omit) continue;
    const bytes = new TextEncoder().encode(name);
    const [text, dimensions] = [place(bytes), place(Int32Array.from(shape))];
    check(wasm.sam_parameters_add(parameters, text, bytes.length, place(values), dimensions, shape.length) === 1, name);
    for (const start of [text, dimensions]) wasm.free(start);
  }
  const numbers = place(Int32Array.from(sizes));
  const decoder = wasm.sam_decoder_new(parameters, numbers);
  const text = wasm.malloc(256);
  const length = wasm.sam_parameters_problem(parameters, text, 256);
  const problem = new TextDecoder().decode(new Uint8Array(wasm.memory.buffer, text, length));
  for (const start of [numbers, text]) wasm.free(start);
  wasm.sam_parameters_free(parameters);
  return { decoder, problem };
}

/** A decoder and what is needed to call it; its image and its mask prompt follow the formula. */
class Model {
  constructor(handle, [imageSize, width], hasHighResolution) {
    check(handle !== 0, "the decoder was not made");
    this.handle = handle;
    this.side = imageSize / 4;
    const side = imageSize / 16;
    const image = [this.input(0, side * side * width, 1)];
    image.push(hasHighResolution ? this.input(1, (4 * side) ** 2 * (width / 8), 1) : 0);
    image.push(hasHighResolution ? this.input(2, (2 * side) ** 2 * (width / 4), 1) : 0);
    wasm.sam_decoder_set_image(handle, ...image);
    for (const start of image) wasm.free(start);
    this.mask = this.input(3, this.side ** 2, 10);
  }

  input(number, count, limit) {
    const start = wasm.malloc(count * 4);
    wasm.sam_check_input(number, count, limit, start);
    return start;
  }

  /** Logits, predicted IoU and time of a prompt, or null where it is refused. */
  decode({ coordinates, kinds, hasMask, first, count }) {
    const inputs = [place(Float32Array.from(coordinates.flat())), place(Int32Array.from(kinds))];
    const outputs = [wasm.malloc(Math.max(0, count) * this.side ** 2 * 4), wasm.malloc(Math.max(0, count) * 4)];
    const began = performance.now();
    const done = wasm.sam_decoder_decode(
      this.handle, ...inputs, kinds.length, hasMask ? this.mask : 0, first, count, ...outputs);
    const milliseconds = performance.now() - began;
    const numbers = (start, count) => Array.from(new Float32Array(wasm.memory.buffer, start, count));
    const result = done && {
      logits: numbers(outputs[0], count * this.side ** 2), iou: numbers(outputs[1], count), milliseconds,
    };
    for (const start of [...inputs, ...outputs]) wasm.free(start);
    return result || null;
  }

  free() {
    wasm.free(this.mask);
    wasm.sam_decoder_free(this.handle);
  }
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
/** What a page could get wrong: refused, without an end of the module. */
const mistakes = [{ kinds: [2, 9] }, { first: 4 }, { first: 3, count: 2 }, { count: 0 }, { count: -1 }, { first: -1 }];

// Side of the model input, then the sizes of the decoder: see `sam_decoder_new`.
const models = {
  formula: { sizes: [128, 64, 16, 2, 8, 128, 2, 3, 3, 256] },
  nano: { sizes: [384, 128, 16, 2, 8, 512, 2, 3, 3, 128], file: "Sources/EmbeddedModel/sam_nano.safetensors" },
};
const report = { models: [] };
for (const [name, { sizes, file }] of Object.entries(models)) {
  const handle = file ? loadDecoder(file, sizes).decoder : wasm.sam_check_decoder(place(Int32Array.from(sizes)));
  const model = new Model(handle, sizes, file !== undefined);
  const cases = Object.entries(prompts).map(([prompt, value]) => {
    const { logits, iou } = model.decode(value) ?? check(false, `${prompt} was refused`);
    check([...logits, ...iou].every(Number.isFinite), `${prompt}: not all numbers are finite`);
    console.log(`${name}, ${prompt}: predicted IoU ${iou.map((value) => value.toFixed(5)).join(" ")}`);
    return { name: prompt, ...value, logits, iou };
  });
  for (const mistake of mistakes)
    check(model.decode({ ...point, ...mistake }) === null, `accepted ${JSON.stringify(mistake)}`);
  model.free();
  report.models.push({ name, sizes, file, cases });
}

const { sizes, file } = models.nano;
for (const [omitted, changed, problem] of [
  ["mask_decoder.iou_token.weight", sizes, "tensor mask_decoder.iou_token.weight is missing"],
  ["", [384, 128, 16, 2, 7, ...sizes.slice(5)], "mask decoder: 7 attention heads do not divide a width of 128"],
  ["", [380, ...sizes.slice(1)], "a size is out of range"],
]) {
  const refused = loadDecoder(file, changed, omitted);
  check(refused.decoder === 0 && refused.problem === problem, `${omitted} ${changed}: ${refused.problem}`);
}

if (options.includes("--time")) {
  const sizes = [1024, 256, 16, 2, 8, 2048, 2, 3, 3, 256];
  const model = new Model(wasm.sam_check_decoder(place(Int32Array.from(sizes))), sizes, false);
  const times = Array.from({ length: 30 }, () => model.decode(point).milliseconds).sort((a, b) => a - b);
  console.log(`official size, one point, one thread: ${times[15].toFixed(1)} ms (fastest ${times[0].toFixed(1)})`);
}
console.log(`memory: ${(wasm.memory.buffer.byteLength / 2 ** 20).toFixed(1)} MiB`);
const json = options.indexOf("--json");
if (json >= 0) writeFileSync(options[json + 1], JSON.stringify(report));
