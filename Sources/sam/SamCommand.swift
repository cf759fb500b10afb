import ArgumentParser

/// The command line's root.
struct SamCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sam",
    abstract: "Segment anything: points, boxes or masks on a picture in, masks out.",
    discussion: """
      A small model is inside. Official checkpoints and those of fine-tuning scripts are used as they are: \
      give the file, or the name of a downloaded one, to --checkpoint.

      Examples:
        sam segment photo.jpg --point 300,180 -o mask.png
        sam segment photo.jpg --box 172,14,404,275 --format cutout -o cup.png
        sam everything photos -o seen --format overlay --format sa1b
        sam embed photos/*.jpg -o embeddings
        sam model download vit_b

      Results go to standard output, everything else to standard error. Exit codes:
        0   done
        1   something failed; one line on standard error names the file
        3   'sam everything': some pictures failed
        130 stopped by Ctrl-C: a training, or 'sam eval'; with a folder for the run the same command goes on
        64  the command line is wrong; one line on standard error names the option

      Shell completion: sam --generate-completion-script bash (or zsh, fish).
      """,
    version: "0.1.0",
    subcommands: [
      SegmentCommand.self, EverythingCommand.self, MergeCommand.self, ConvertCommand.self, EmbedCommand.self,
      ModelCommand.self, PretrainCommand.self, TrainCommand.self, FineTuneCommand.self, EvalCommand.self,
      DatasetCommand.self, VerifyCommand.self,
    ])
}
