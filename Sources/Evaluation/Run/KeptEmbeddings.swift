public import Datasets
internal import Files
internal import Imaging
public import SegmentAnything

/// Embeddings of a dataset's images: taken from a folder where they are there, else computed, and kept there.
///
/// The embedding of the image `NAME` of a dataset is `FOLDER/DATASET/NAME.embedding`, a file as `sam embed` writes it. Of a folder of
/// pictures, `sam embed data/DATASET/*.jpg -o FOLDER/DATASET` makes the same files.
public struct KeptEmbeddings: Sendable {
  /// The model that embeds, and whose embeddings are taken.
  public let model: SAM
  /// Where they are kept; nil for nowhere.
  public let folder: String?

  /// Embeddings by a model.
  public init(_ model: SAM, folder: String? = nil) {
    (self.model, self.folder) = (model, folder)
  }

  /// The file of an image's embedding; nil where none are kept, or a name leads out of the folder.
  public func path(of image: String, in dataset: String) -> String? {
    guard let folder, !image.hasPrefix("/"), !image.split(separator: "/").contains(".."), dataset != ".."
    else {
      return nil
    }
    return folder + (folder.hasSuffix("/") ? "" : "/") + dataset + "/" + image + ".embedding"
  }

  /// The embedding of a sample's image.
  ///
  /// - Parameters:
  ///   - sample: whose picture is decoded only where its embedding is not there.
  ///   - dataset: the dataset's name.
  ///   - isCancelled: asked between the encoder's blocks.
  /// - Throws: ``EvaluationError``: for a picture that cannot be read, an embedding of another model, size or picture, and a folder
  ///   that cannot be written to.
  public func embedding(
    of sample: DatasetSample, in dataset: String, isCancelled: () -> Bool = { Task.isCancelled }
  ) throws(EvaluationError) -> ImageEmbedding {
    let path = path(of: sample.name, in: dataset)
    if let path, FolderListing.kind(of: path) == .file { return try kept(path, for: sample) }
    let picture: Image
    do throws(DatasetError) { picture = try sample.image() } catch { throw .dataset(error) }
    let embedding: ImageEmbedding
    do throws(SAMError) {
      embedding = try model.embed(picture, isCancelled: isCancelled)
    } catch {
      throw .model(error)
    }
    if let path { try keep(embedding, at: path) }
    return embedding
  }

  private func keep(_ embedding: ImageEmbedding, at path: String) throws(EvaluationError) {
    do throws(FileError) {
      try Folder.make(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
    } catch {
      throw .file(error)
    }
    do throws(SAMError) { try embedding.write(to: path) } catch { throw .model(error) }
  }

  private func kept(_ path: String, for sample: DatasetSample) throws(EvaluationError) -> ImageEmbedding {
    let embedding: ImageEmbedding
    do throws(SAMError) {
      embedding = try ImageEmbedding(contentsOfFile: path, compute: model.compute)
    } catch {
      throw .model(error)
    }
    guard embedding.width == sample.width, embedding.height == sample.height else {
      throw .otherImage(
        path: path, width: embedding.width, height: embedding.height, imageWidth: sample.width,
        imageHeight: sample.height)
    }
    guard embedding.fingerprint == model.info.fingerprint else {
      throw .model(
        .embedding(
          .otherModel(
            path: path, embedding: embedding.fingerprint.description,
            model: model.info.fingerprint.description)))
    }
    return embedding
  }
}
