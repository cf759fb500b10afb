/// A value on the unpickler's stack. Strings and bytes are ranges of the pickle, containers are numbers of
/// rows in the machine's tables: nothing owns anything, so a deep or circular structure costs no recursion.
enum PickleValue {
  case none
  case bool(Bool)
  case integer(Int)
  /// An integer that needs more than 64 bits.
  case bigInteger(ByteRange)
  case double(Double)
  case string(ByteRange)
  case bytes(ByteRange)
  /// Elements of the machine's `elements` table.
  case tuple(ByteRange)
  case list(Int32)
  case dictionary(Int32)
  case set(Int32)
  case global(Int32)
  case storage(Int32)
  case tensor(Int32)
  /// An object whose class is a global that is not known: never made, only named.
  case opaque(Int32)

  /// A start and a count.
  struct ByteRange {
    var start: UInt32
    var count: UInt32
  }
}

/// A class or function that a pickle names.
struct PickleGlobal: Hashable {
  var module: String
  var name: String
}

/// A storage that a pickle refers to; its numbers are elsewhere in the file.
struct PickledStorage {
  /// The type of its numbers; nil for bytes whose type the tensor says.
  var scalar: Scalar?
  /// The name of the storage, text within the pickle.
  var key: PickleValue.ByteRange
  /// How many numbers, or bytes where the type is nil.
  var count: Int
}

/// A tensor that a pickle describes.
struct PickledTensor {
  var storage: Int
  var scalar: Scalar
  var offset: Int
  var shape: [Int]
  var strides: [Int]
}
