// swift-tools-version: 6.1
import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")

// The rings of docs/architecture.md, innermost first.

let ground: [Target] = [
  .target(name: "Kernels"),
  .target(name: "Statistics", swiftSettings: swiftSettings),
  .target(name: "Tensors", dependencies: ["Kernels"], swiftSettings: swiftSettings),
  .target(name: "Files", dependencies: [crypto], swiftSettings: swiftSettings),
  .target(name: "Checkpoints", dependencies: ["Tensors", "Files"], swiftSettings: swiftSettings),
  .systemLibrary(
    name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
  .systemLibrary(
    name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
  .systemLibrary(
    name: "CWebP", pkgConfig: "libwebpdemux", providers: [.apt(["libwebp-dev"]), .brew(["webp"])]),
  .systemLibrary(
    name: "CTIFF", pkgConfig: "libtiff-4", providers: [.apt(["libtiff-dev"]), .brew(["libtiff"])]),
  .systemLibrary(
    name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
  .target(name: "CImageCodecs", dependencies: ["CJPEG", "CPNG", "CWebP", "CTIFF"]),
  .target(name: "Imaging", dependencies: ["Files", "Kernels", "CImageCodecs"], swiftSettings: swiftSettings),
  // Several processes that train together; empty without the package trait MPI.
  .systemLibrary(
    name: "COpenMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"]), .brew(["open-mpi"])]),
  .target(
    name: "MPIBridge", dependencies: [.target(name: "COpenMPI", condition: .when(traits: ["MPI"]))],
    cSettings: [.define("SAM_MPI", .when(traits: ["MPI"]))]),
  .target(name: "Charts", dependencies: ["Files"], swiftSettings: swiftSettings),
  .target(name: "Reports", dependencies: ["Charts", "Imaging", "Files"], swiftSettings: swiftSettings),
  .target(name: "EmbeddedModel", exclude: ["sam_nano.safetensors"]),
]

let core: [Target] = [
  .target(name: "Modeling", dependencies: ["Tensors"], swiftSettings: swiftSettings),
  .target(
    name: "SegmentAnything",
    dependencies: ["Modeling", "Checkpoints", "Imaging", "Tensors", "Files", "EmbeddedModel"],
    swiftSettings: swiftSettings),
  .target(
    name: "Datasets", dependencies: ["Imaging", "Files", "Statistics", "CZlib"], swiftSettings: swiftSettings),
]

let systems: [Target] = [
  .target(
    name: "Training",
    dependencies: [
      "SegmentAnything", "Datasets", "Evaluation", "Modeling", "Checkpoints", "Imaging", "Charts", "Tensors",
      "Files", "Statistics", .target(name: "MPIBridge", condition: .when(traits: ["MPI"])),
      .product(name: "Yams", package: "Yams"),
    ], swiftSettings: swiftSettings),
  .target(
    name: "Evaluation",
    dependencies: ["SegmentAnything", "Datasets", "Imaging", "Tensors", "Files", "Statistics"],
    swiftSettings: swiftSettings),
  .target(
    name: "Verification",
    dependencies: [
      "Training", "SegmentAnything", "Modeling", "Checkpoints", "Imaging", "Tensors", "Files", "Datasets",
      "Evaluation",
      "Statistics",
    ],
    swiftSettings: swiftSettings),
  // Fetching checkpoints; apart, so that the library needs no network client.
  .target(name: "Curl", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
  .target(name: "ModelStore", dependencies: ["Curl", "Files"], swiftSettings: swiftSettings),
]

let applications: [Target] = [
  .executableTarget(
    name: "sam",
    dependencies: [
      "SegmentAnything", "Modeling", "Checkpoints", "Datasets", "Imaging", "Tensors", "Files", "ModelStore",
      "Verification", "Evaluation", "Training", "Reports", "Charts", "Statistics",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ],
    swiftSettings: swiftSettings),
  // An example for users of the library, run by the tests.
  .executableTarget(
    name: "ClickToMask", dependencies: ["SegmentAnything"], path: "examples/ClickToMask",
    swiftSettings: swiftSettings),
]

func tests(of name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies + ["TestSupport"], swiftSettings: swiftSettings)
}

let tests: [Target] = [
  .target(
    name: "TestSupport", dependencies: ["Checkpoints", "Modeling", "Tensors", "Statistics"],
    path: "Tests/TestSupport",
    swiftSettings: swiftSettings),
  tests(of: "StatisticsTests", ["Statistics"]),
  tests(of: "FilesTests", ["Files"]),
  tests(of: "TensorsTests", ["Tensors", "Kernels", "Files"]),
  tests(of: "CheckpointsTests", ["Checkpoints", "Tensors", "Files"]),
  tests(of: "ImagingTests", ["Imaging", "Files"]),
  tests(of: "ChartsTests", ["Charts"]),
  tests(of: "ReportsTests", ["Reports", "Charts", "Imaging", "Files"]),
  tests(of: "ModelingTests", ["Modeling", "Tensors"]),
  tests(of: "LoadingTests", ["SegmentAnything", "Modeling", "Checkpoints", "Tensors"]),
  tests(of: "SegmentAnythingTests", ["SegmentAnything", "Imaging", "Modeling", "Checkpoints", "Tensors"]),
  tests(
    of: "TrainingTests",
    [
      "Training", "SegmentAnything", "Datasets", "Modeling", "Checkpoints", "Imaging", "Tensors", "Files",
      "Statistics",
    ]),
  tests(of: "VerificationTests", ["Verification", "Imaging", "Modeling", "SegmentAnything", "Tensors"]),
  tests(of: "ModelStoreTests", ["ModelStore", "Files"]),
  tests(of: "DatasetsTests", ["Datasets", "Imaging", "Files"]),
  tests(
    of: "EvaluationTests", ["Evaluation", "SegmentAnything", "Datasets", "Imaging", "Files", "Statistics"]),
  tests(of: "EmbeddedTests", ["Verification", "Modeling", "Checkpoints", "Tensors"]),
  tests(of: "CommandLineTests", ["sam", "ClickToMask", "Datasets", "Imaging", "Checkpoints", "Files"]),
]

let package = Package(
  name: "segment-anything",
  platforms: [.macOS(.v15)],
  products: [
    .library(
      name: "SegmentAnything",
      targets: ["SegmentAnything", "Datasets", "Imaging", "Modeling", "Checkpoints", "Tensors", "Files"]),
    .library(name: "Training", targets: ["Training"]),
    .executable(name: "sam", targets: ["sam"]),
  ],
  traits: [
    .trait(name: "MPI", description: "Training by several processes that mpirun starts; needs Open MPI.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: ground + core + systems + applications + tests
)
