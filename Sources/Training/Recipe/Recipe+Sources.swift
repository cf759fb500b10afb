internal import Checkpoints
internal import Datasets
internal import Files
internal import Modeling
internal import SegmentAnything
internal import Tensors

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

extension Recipe {
  /// The datasets, opened.
  func sources() throws(TrainingError) -> [BatchLoader.Source] {
    var sources: [BatchLoader.Source] = []
    for item in data {
      for path in try Recipe.expanded(item.path) {
        let dataset = try source(path, images: item.images)
        sources.append(
          BatchLoader.Source(dataset, weight: item.weight ?? Double(dataset.count).squareRoot()))
      }
    }
    let others = sources.reduce(0) { $0 + $1.weight }
    // Scenes are of the size of the largest stage, and so many that none is seen twice.
    let size = stages.map(\.size).max() ?? 256
    for (weight, arrangement) in [
      (syntheticWeight, SyntheticScenes.Arrangement.mixed), (nestedWeight, .nested),
    ]
    where weight > 0 {
      // Other scenes of parts and wholes than those of small seeds, by which models are measured.
      let seed = arrangement == .nested ? ~self.seed : self.seed
      sources.append(
        BatchLoader.Source(
          SyntheticScenes(
            count: 1_000_000, width: size, height: size * 3 / 4, seed: seed, arrangement: arrangement),
          weight: weight * (others > 0 ? others : 1)))
    }
    guard !sources.isEmpty else { throw .noSamples }
    return sources
  }

  /// A dataset; for pre-training all pictures in a folder.
  private func source(_ path: String, images: String?) throws(TrainingError) -> any DatasetSource {
    if pretraining != nil, Folder.isFolder(path) {
      do throws(FileError) { return try PictureFolder(path) } catch { throw .file(error) }
    }
    do throws(DatasetError) { return try openDataset(path, images: images) } catch { throw .dataset(error) }
  }

  /// A path, or the folders that `PATH/*` stands for, in order.
  static func expanded(_ path: String) throws(TrainingError) -> [String] {
    guard path.hasSuffix("/*") else { return [path] }
    let parent = String(path.dropLast(2))
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: parent) else {
      throw .file(.notAFolder(path: parent))
    }
    return names.filter { !$0.hasPrefix(".") }.sorted().map { "\(parent)/\($0)" }.filter(Folder.isFolder)
  }

  /// The parameters that the training begins with.
  func startingPoint() throws(TrainingError) -> ([String: Tensor], ModelConfiguration) {
    let (parameters, configuration) = try given()
    do throws(ModelError) {
      if let grown = try growth.grown(parameters, configuration, by: initialization) { return grown }
    } catch {
      throw .model(error)
    }
    throw problem(
      growth.blocks == nil ? "model.attention_blocks" : "model.blocks",
      "no fewer than the checkpoint's, whose encoder must be of the nano form")
  }

  /// The parameters of a checkpoint, or random ones.
  private func given() throws(TrainingError) -> ([String: Tensor], ModelConfiguration) {
    switch start {
    case .random(let configuration, let encoder):
      var parameters: [String: Tensor]
      do throws(ModelError) {
        parameters = try initialization.parameters(configuration, pretraining: pretraining)
      } catch {
        throw .model(error)
      }
      if let encoder { try Recipe.replaceEncoder(of: &parameters, by: encoder) }
      return (parameters, configuration)
    case .checkpoint(let path):
      let checkpoint = try Recipe.checkpoint(path)
      do throws(RecognitionError) {
        let model = try RecognizedModel(checkpoint)
        return (model.parameters.mapValues { Tensor($0.elements, shape: $0.shape) }, model.configuration)
      } catch {
        throw .notAModel(path: path, reason: error.reason.description)
      }
    case .embedded:
      do throws(SAMError) {
        let model = try RecognizedModel.embedded()
        return (model.parameters.mapValues { Tensor($0.elements, shape: $0.shape) }, model.configuration)
      } catch {
        throw .notAModel(path: "the model inside", reason: error.description)
      }
    }
  }

  private static func checkpoint(_ path: String) throws(TrainingError) -> Checkpoint {
    do throws(CheckpointError) { return try Checkpoint(contentsOfFile: path) } catch {
      throw .checkpoint(error)
    }
  }

  /// Puts an encoder's parameters in the place of random ones; tables of positions for another size of input are interpolated.
  private static func replaceEncoder(
    of parameters: inout [String: Tensor], by path: String
  ) throws(TrainingError) {
    var replaced = 0
    for (name, tensor) in try checkpoint(path).tensors {
      let full = name.hasPrefix("image_encoder.") ? name : "image_encoder." + name
      guard let old = parameters[full] else { continue }
      var new = Tensor(tensor.elements, shape: tensor.shape)
      if new.shape != old.shape { new = new.resampledTable(full, to: old.shape) }
      guard new.shape == old.shape else { continue }
      parameters[full] = new
      replaced += 1
    }
    let count = parameters.keys.count { $0.hasPrefix("image_encoder.") }
    guard replaced > 0, 2 * replaced > count else {
      throw .notAModel(
        path: path,
        reason: "\(replaced) of the encoder's \(count) tensors are in it, under their names and shapes")
    }
  }
}
