internal import Datasets
internal import Evaluation
internal import Modeling
internal import SegmentAnything
internal import Tensors

extension Recipe.Validation {
  /// Measures a model by the paper's points and boxes.
  ///
  /// - Parameters:
  ///   - parameters: the model's, folded or not.
  ///   - configuration: the model's sizes.
  /// - Returns: means over the datasets; nil where there are none.
  func measure(
    _ parameters: [String: Tensor], _ configuration: ModelConfiguration
  ) throws(TrainingError) -> PointSummary? {
    guard !data.isEmpty else { return nil }
    let model: SAM
    do throws(ModelError) {
      model = try SAM(
        parameters: parameters, configuration: configuration,
        info: ModelInfo(
          name: "trained", path: nil, parameterCount: 0, fingerprint: ModelFingerprint(of: parameters),
          notice: nil))
    } catch {
      throw .model(error)
    }
    var settings = PointEvaluation.Settings()
    settings.imageLimit = images
    settings.masksPerImage = masks
    let evaluation = PointEvaluation(model, settings: settings)
    var summaries: [PointSummary] = []
    for path in data {
      for folder in try Recipe.expanded(path) {
        do throws(DatasetError) {
          let source = try openDataset(folder)
          summaries.append(PointSummary(try evaluation.results(source)))
        } catch {
          throw .dataset(error)
        }
      }
    }
    return PointSummary(meanOf: summaries)
  }
}

extension PointEvaluation {
  /// Results of a dataset; none where the model's answers are not numbers, as they may be early on.
  fileprivate func results(_ source: any DatasetSource) -> [ImagePointResults] {
    (try? run(source)) ?? []
  }
}
