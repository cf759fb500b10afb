/// A checkpoint that others published and that ``ModelStore`` can fetch.
public struct OfficialCheckpoint: Sendable, Equatable {
  /// The name to ask for it by, such as `vit_b`.
  public let name: String
  /// The file's name at its source and in the store.
  public let file: String
  /// The address to fetch it from.
  public let address: String
  /// The SHA-256 of the whole file, in hexadecimal.
  public let sha256: String
  /// How large the file is, in bytes; nil where only the rough size is known.
  public let bytes: Int?
  /// How large the file is, in words.
  public let size: String
  /// The licence of the weights.
  public let licence: String
  /// Who published it and what kind of image encoder it has.
  public let summary: String

  /// A checkpoint as its publisher describes it.
  public init(
    name: String, file: String, address: String, sha256: String, bytes: Int? = nil, size: String,
    licence: String,
    summary: String
  ) {
    self.name = name
    self.file = file
    self.address = address
    self.sha256 = sha256
    self.bytes = bytes
    self.size = size
    self.licence = licence
    self.summary = summary
  }

  /// The published checkpoints, smallest first.
  public static let all: [OfficialCheckpoint] = [
    OfficialCheckpoint(
      name: "mobile_sam", file: "mobile_sam.pt",
      address: "https://github.com/ChaoningZhang/MobileSAM/raw/master/weights/mobile_sam.pt",
      sha256: "6dbb90523a35330fedd7f1d3dfc66f995213d81b29a5ca8108dbcdd4e37d6c2f",
      size: "about 40 MB", licence: "Apache-2.0", summary: "MobileSAM, TinyViT"),
    OfficialCheckpoint(
      name: "vit_b", file: "sam_vit_b_01ec64.pth",
      address: "https://dl.fbaipublicfiles.com/segment_anything/sam_vit_b_01ec64.pth",
      sha256: "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912",
      size: "about 375 MB", licence: "Apache-2.0", summary: "Segment Anything, ViT-B"),
    OfficialCheckpoint(
      name: "vit_l", file: "sam_vit_l_0b3195.pth",
      address: "https://dl.fbaipublicfiles.com/segment_anything/sam_vit_l_0b3195.pth",
      sha256: "3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622",
      size: "about 1.25 GB", licence: "Apache-2.0", summary: "Segment Anything, ViT-L"),
    OfficialCheckpoint(
      name: "vit_h", file: "sam_vit_h_4b8939.pth",
      address: "https://dl.fbaipublicfiles.com/segment_anything/sam_vit_h_4b8939.pth",
      sha256: "a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e",
      bytes: 2_564_550_879, size: "2.56 GB", licence: "Apache-2.0", summary: "Segment Anything, ViT-H"),
  ]

  /// The published checkpoint of a name, or nil.
  public static func named(_ name: String) -> OfficialCheckpoint? {
    all.first { $0.name == name }
  }
}
