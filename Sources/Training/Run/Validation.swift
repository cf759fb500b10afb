internal import Datasets
internal import Evaluation
internal import Modeling
internal import SegmentAnything
internal import Tensors

extension Recipe.Validation {
  /// The datasets.
  func sources() throws(TrainingError) -> [any DatasetSource] {
    var sources: [any DatasetSource] = []
    for item in data {
      for path in try Recipe.expanded(item.path) {
        do throws(DatasetError) { sources.append(try openDataset(path, images: item.images)) } catch {
          throw .dataset(error)
        }
      }
    }
    return sources
  }

  /// The model as it would be used.
  ///
  /// - Parameters:
  ///   - parameters: the model's, folded or not.
  ///   - configuration: the model's sizes.
  static func model(
    _ parameters: [String: Tensor], _ configuration: ModelConfiguration
  ) throws(TrainingError) -> SAM {
    do throws(ModelError) {
      return try SAM(
        parameters: parameters, configuration: configuration,
        info: ModelInfo(
          name: "trained", path: nil, parameterCount: 0, fingerprint: ModelFingerprint(of: parameters),
          notice: nil))
    } catch {
      throw .model(error)
    }
  }

  /// Measures a model by the paper's points and boxes.
  ///
  /// - Parameter skipped: told of samples that cannot be read.
  /// - Returns: means over the datasets.
  func measure(
    _ model: SAM, _ sources: [any DatasetSource], skipped: (String) -> Void
  ) -> PointSummary {
    var settings = PointEvaluation.Settings()
    settings.imageLimit = images
    settings.masksPerImage = masks
    let evaluation = PointEvaluation(model, settings: settings)
    return PointSummary(meanOf: sources.map { PointSummary(evaluation.results($0, skipped: skipped)) })
  }
}

extension PointEvaluation {
  /// Results of a dataset; none where the model's answers are not numbers, as they may be early on.
  fileprivate func results(
    _ source: any DatasetSource, skipped: (String) -> Void
  ) -> [ImagePointResults] {
    (try? run(source, skipped: { skipped($0.description) })) ?? []
  }
}
