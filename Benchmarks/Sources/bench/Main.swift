internal import ArgumentParser

@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "How fast the package is on this machine, as Markdown tables or JSON.",
    discussion: """
      Times are medians of wall-clock milliseconds. Shares are of the rate of the vendor's own product (OpenBLAS or \
      Accelerate) of 4096 x 3072 x 768 on the same threads, measured alternately with what is compared to it, so that \
      a machine that is busy with other work slows both.

      Build and run in the Benchmarks folder: swift run -c release bench kernels
      """,
    subcommands: [
      KernelsCommand.self, EncoderCommand.self, DecoderCommand.self, EverythingCommand.self,
      LoadingCommand.self,
      ResizeCommand.self, RunLengthCommand.self, SegmentCommand.self, TrainingCommand.self,
      AnswerCommand.self,
      TrainingStepsCommand.self,
    ])
}
