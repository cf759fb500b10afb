import Datasets
import Evaluation
import Files
import SegmentAnything

extension ImageRun {
  /// What an image's result depends on when points are measured.
  static func settings(of settings: PointEvaluation.Settings) -> [(key: String, value: JSONText)] {
    [
      ("points", .integer(settings.pointCount)), ("box_points", .integer(settings.boxPointCount)),
      ("random", .optional(settings.randomFirstPoint) { .string(String($0)) }),
      ("masks_per_image", .optional(settings.masksPerImage, JSONText.integer)),
      // Which masks are drawn follows from it, and nothing else of an image.
      ("masks_seed", settings.masksPerImage == nil ? .null : .string(String(settings.seed))),
    ]
  }

  /// Measures points on images of a dataset.
  func points(
    of source: any DatasetSource, images: [Int], _ evaluation: PointEvaluation, _ embeddings: KeptEmbeddings
  ) throws -> [ImagePointResults] {
    try begin(source)
    do {
      return try evaluation.run(
        source, images: images, embeddings: embeddings, isCancelled: { isStopped },
        kept: { name in
          let kept: ImagePointResults? = kept(source.name, name)
          if kept != nil { advance(wasKept: true) }
          return kept
        },
        skipped: { error in
          skip(error)
          advance()
        },
        finished: { (result) throws(EvaluationError) in
          try keep(source.name, result.name, result)
          advance()
        })
    } catch .model(.cancelled) {
      try checkStop()
      throw EvaluationError.model(.cancelled)
    }
  }
}
