public import Imaging

/// Everything mode: masks for all of an image, from a grid of points (paper, section 4 and appendix B).
///
/// ```swift
/// let sam = try SAM.embedded()
/// let generator = try AutomaticMaskGenerator(sam, settings: .tuned(for: sam))
/// for mask in try generator.masks(in: image) { print(mask.area, mask.segmentation.compressed) }
/// ```
///
/// Each point yields three candidates. They are kept where the model expects a good mask (predicted IoU) and the mask changes little when
/// its threshold does (stability); duplicates are removed by the IoU of their boxes; crops of the image are looked at by
/// themselves where ``Settings/cropLayers`` asks for it; small parts and holes are removed where
/// ``Settings/minimumRegionArea`` does. Filters, order and duplicates follow `SamAutomaticMaskGenerator` record for record.
///
/// What a candidate costs goes with its size in the image, and candidates that the model does not trust are never made at the image's size.
/// Beyond the run lengths of its masks, memory does not grow with their number. Results are the same bits for any number of threads.
public struct AutomaticMaskGenerator: Sendable {
  /// The model that is asked.
  public let sam: SAM
  /// What decides which masks come out.
  public let settings: Settings

  /// A generator.
  ///
  /// - Throws: ``SAMError/generator(_:)`` for settings that make no sense.
  public init(_ sam: SAM, settings: Settings = .reference) throws(SAMError) {
    do throws(GeneratorError) { try settings.check() } catch { throw .generator(error) }
    self.sam = sam
    self.settings = settings
  }

  /// All masks of an image, in the reference's order: those of smaller crops first; then by descending predicted IoU; masks that clean-up
  /// changed at the end.
  ///
  /// - Parameters:
  ///   - image: of any size.
  ///   - isCancelled: asked between prompts and while the image is encoded, from several threads.
  /// - Throws: ``SAMError/cancelled``, ``SAMError/generator(_:)`` for a region of interest outside the image.
  public func masks(
    in image: Image, isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(SAMError) -> [AutomaticMask] {
    var masks: [AutomaticMask] = []
    try generate(image, isCancelled: isCancelled) { masks.append($0) }
    return masks
  }

  /// Makes all masks of an image and hands over each as soon as nothing can displace it any more: after its crop has been done.
  ///
  /// - Parameters:
  ///   - image: of any size.
  ///   - embedding: of the whole image, where it is at hand; used instead of encoding it again (but by tiles, which need
  ///     embeddings of their own).
  ///   - isCancelled: asked between prompts, from several threads.
  ///   - emit: receives the masks in the order of ``masks(in:isCancelled:)``, on the calling thread.
  /// - Throws: as ``masks(in:isCancelled:)``; ``SAMError/embedding(_:)`` where the model cannot use the embedding.
  public func generate(
    _ image: Image, embedding: ImageEmbedding? = nil,
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }, emit: (AutomaticMask) -> Void
  ) throws(SAMError) {
    if settings.tileSize != nil {
      return try generate(ImageRows(image), isCancelled: isCancelled, emit: emit)
    }
    try generate(
      ImageOnHand(width: image.width, height: image.height, image: image, embedding: embedding),
      isCancelled: isCancelled, emit: emit)
  }

  /// Makes all masks of an image of which only the embedding is at hand; see ``generate(_:embedding:isCancelled:emit:)``.
  ///
  /// - Throws: also ``SAMError/generator(_:)`` where the settings ask for crops or tiles.
  public func generate(
    in embedding: ImageEmbedding, isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled },
    emit: (AutomaticMask) -> Void
  ) throws(SAMError) {
    guard settings.cropLayers == 0, settings.tileSize == nil else { throw .generator(.needsImage) }
    try generate(
      ImageOnHand(width: embedding.width, height: embedding.height, image: nil, embedding: embedding),
      isCancelled: isCancelled, emit: emit)
  }
}
