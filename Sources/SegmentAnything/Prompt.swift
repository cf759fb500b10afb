public import Imaging
public import Tensors

/// What to segment: points, a box, a mask, or any mix of them.
///
/// Coordinates are XY pixels of the image that was embedded, with (0, 0) at the top left corner of its top left pixel.
public struct Prompt: Sendable, Equatable {
  /// Points on the object, or on what does not belong to it.
  public var points: [PointPrompt]
  /// A box around the object.
  public var box: Box?
  /// An earlier answer's logits, or a rough mask.
  public var mask: MaskPrompt?

  /// A prompt of the given parts; at least one is needed to predict.
  public init(points: [PointPrompt] = [], box: Box? = nil, mask: MaskPrompt? = nil) {
    self.points = points
    self.box = box
    self.mask = mask
  }

  /// A single point on the object.
  public static func point(_ x: Float, _ y: Float) -> Prompt { Prompt(points: [PointPrompt(x, y)]) }

  /// A box around the object.
  public static func box(_ x0: Float, _ y0: Float, _ x1: Float, _ y1: Float) -> Prompt {
    Prompt(box: Box(x0, y0, x1, y1))
  }

  /// Whether the prompt is one foreground point and nothing else, and so may mean a whole, a part or a subpart.
  public var isAmbiguous: Bool {
    points.count == 1 && points.first?.label == .foreground && box == nil && mask == nil
  }
}

/// A labelled point in XY pixels of the original image.
public struct PointPrompt: Sendable, Equatable {
  /// What a point says; the raw values are the reference's.
  public enum Label: Int, Sendable {
    /// Not to be looked at: fills up batches of unequal prompts.
    case padding = -1
    /// The point does not belong to the object.
    case background = 0
    /// The point belongs to the object.
    case foreground = 1
  }

  /// Pixels from the left edge.
  public var x: Float
  /// Pixels from the top edge.
  public var y: Float
  /// What the point says.
  public var label: Label

  /// A point, on the object unless labelled otherwise.
  public init(_ x: Float, _ y: Float, _ label: Label = .foreground) {
    self.x = x
    self.y = y
    self.label = label
  }
}

/// A box by two corners, in XY pixels of the original image.
public struct Box: Sendable, Equatable {
  /// Left edge.
  public var x0: Float
  /// Top edge.
  public var y0: Float
  /// Right edge.
  public var x1: Float
  /// Bottom edge.
  public var y1: Float

  /// A box from its top left to its bottom right corner.
  public init(_ x0: Float, _ y0: Float, _ x1: Float, _ y1: Float) {
    self.x0 = x0
    self.y0 = y0
    self.x1 = x1
    self.y1 = y1
  }
}

/// A mask as a prompt.
public enum MaskPrompt: Sendable {
  /// Logits of an earlier prediction: size/4 x size/4 of the model input (256 x 256 for official models).
  case logits(Tensor)
  /// A binary mask of the original image's size, which is turned into logits the model understands. Given without a
  /// point or a box it brings a box and a few points of its own.
  case binary(Mask)
}

extension MaskPrompt: Equatable {
  /// Whether both are of one kind and hold the same numbers.
  public static func == (left: MaskPrompt, right: MaskPrompt) -> Bool {
    switch (left, right) {
    case (.logits(let a), .logits(let b)): a.shape == b.shape && a.elements == b.elements
    case (.binary(let a), .binary(let b)): a == b
    default: false
    }
  }
}
