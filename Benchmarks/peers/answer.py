"""One peer, measured on demand: the same requests and answers as `bench answer`."""

import argparse
import pathlib
import resource
import statistics
import sys
import time

import numpy
from safetensors.numpy import load_file, save_file


class Torch:
    """transformers' SamModel in inference mode, with PyTorch's fused attention."""

    def __init__(self, name, folder, threads):
        import torch

        from prepare import Decoder, Encoder, load

        torch.set_num_threads(threads)
        torch.set_num_interop_threads(1)
        self.torch = torch
        reference = load(name, folder, "sdpa")
        with torch.no_grad():
            self.encoder, self.decoder = Encoder(reference).eval(), Decoder(reference).eval()

    def encode(self, pixels):
        with self.torch.inference_mode():
            return self.encoder(self.torch.from_numpy(pixels)).numpy()

    def decode(self, embedding, points):
        with self.torch.inference_mode():
            results = self.decoder(self.torch.from_numpy(embedding), self.torch.from_numpy(points))
            return [result.numpy() for result in results]


class OnnxRuntime:
    """ONNX Runtime with all graph optimisations."""

    def __init__(self, name, folder, threads):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = 3
        self.encoder, self.decoder = (
            onnxruntime.InferenceSession(
                str(folder / name / f"{part}.onnx"), options, providers=["CPUExecutionProvider"])
            for part in ("encoder", "decoder"))

    def encode(self, pixels):
        return self.encoder.run(["embedding"], {"pixels": pixels})[0]

    def decode(self, embedding, points):
        return self.decoder.run(["logits", "iou"], {"embedding": embedding, "points": points})


class OpenVINO:
    """OpenVINO with the latency hint, in single precision: where the processor has bfloat16 it would use that."""

    def __init__(self, name, folder, threads):
        import openvino

        core = openvino.Core()
        options = {
            "PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
        self.encoder, self.decoder = (
            core.compile_model(str(folder / name / f"{part}.onnx"), "CPU", options).create_infer_request()
            for part in ("encoder", "decoder"))

    def encode(self, pixels):
        return self.encoder.infer({"pixels": pixels}, share_inputs=True)["embedding"].copy()

    def decode(self, embedding, points):
        results = self.decoder.infer({"embedding": embedding, "points": points}, share_inputs=True)
        return [results["logits"], results["iou"]]


PEERS = {"torch": Torch, "onnxruntime": OnnxRuntime, "openvino": OpenVINO}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("peer", choices=PEERS)
    arguments.add_argument("model")
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("threads", type=int)
    arguments = arguments.parse_args()
    peer = PEERS[arguments.peer](arguments.model, arguments.folder, arguments.threads)
    inputs = load_file(arguments.folder / "inputs.safetensors")
    pixels = numpy.ascontiguousarray(inputs["input"].transpose(2, 0, 1)[None])
    points = inputs["points"][None, :, None, :]
    embedding = None

    def timed(call, *operands):
        start = time.perf_counter()
        result = call(*operands)
        return (time.perf_counter() - start) * 1000, result

    print(0, flush=True)
    for line in sys.stdin:
        request, *operands = line.split()
        answer = 0
        if request == "encode":
            answer, embedding = timed(peer.encode, pixels)
        elif request == "decode":
            prompts = numpy.ascontiguousarray(points[:, : int(operands[0])])
            answer = statistics.median(
                timed(peer.decode, embedding, prompts)[0] for _ in range(int(operands[1])))
        elif request == "save":
            logits, iou = peer.decode(embedding, numpy.ascontiguousarray(points[:, :4]))
            save_file(
                {
                    "embedding": numpy.ascontiguousarray(embedding[0].transpose(1, 2, 0)),
                    "logits": numpy.ascontiguousarray(logits[0]), "iou": numpy.ascontiguousarray(iou[0]),
                }, operands[0])
        elif request == "peak":
            scale = 1 if sys.platform == "darwin" else 1024
            answer = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 1e6
        print(answer, flush=True)


if __name__ == "__main__":
    main()
