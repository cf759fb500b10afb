// swift-tools-version: 6.1
import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

#if os(macOS)
  let blasDependencies: [Target.Dependency] = []  // Accelerate is part of the system.
  let blasTargets: [Target] = []
#else
  let blasDependencies: [Target.Dependency] = ["COpenBLAS"]
  let blasTargets: [Target] = [
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])])
  ]
#endif

let package = Package(
  name: "segment-anything",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "SegmentAnything", targets: ["SegmentAnything", "Imaging", "Modeling", "Checkpoints", "Tensors", "Files"]),
    .executable(name: "sam", targets: ["sam"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: blasTargets + [
    // Ground
    .target(name: "Kernels"),
    .target(
      name: "MatrixProducts", dependencies: blasDependencies, swiftSettings: swiftSettings,
      linkerSettings: [.linkedFramework("Accelerate", .when(platforms: [.macOS]))]),
    .target(
      name: "Tensors", dependencies: ["Kernels", "MatrixProducts"], swiftSettings: swiftSettings),
    .target(name: "Files", swiftSettings: swiftSettings),
    .target(name: "Checkpoints", dependencies: ["Tensors", "Files"], swiftSettings: swiftSettings),
    .systemLibrary(
      name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
    .systemLibrary(
      name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(
      name: "CWebP", pkgConfig: "libwebpdemux", providers: [.apt(["libwebp-dev"]), .brew(["webp"])]),
    .systemLibrary(
      name: "CTIFF", pkgConfig: "libtiff-4", providers: [.apt(["libtiff-dev"]), .brew(["libtiff"])]),
    .target(name: "CImageCodecs", dependencies: ["CJPEG", "CPNG", "CWebP", "CTIFF"]),
    .target(
      name: "Imaging", dependencies: ["Files", "Kernels", "CImageCodecs"], swiftSettings: swiftSettings),
    // Tests
    .testTarget(
      name: "SegmentAnythingTests",
      dependencies: ["SegmentAnything", "Imaging", "Modeling", "Checkpoints", "Tensors", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "LoadingTests", dependencies: ["SegmentAnything", "Modeling", "Checkpoints", "Tensors", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ImagingTests", dependencies: ["Imaging", "Files", "TestSupport"], swiftSettings: swiftSettings),
    .testTarget(
      name: "CheckpointsTests", dependencies: ["Checkpoints", "Tensors", "Files", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "CommandLineTests", dependencies: ["sam", "Imaging", "Checkpoints", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ModelStoreTests", dependencies: ["ModelStore", "Files", "TestSupport"], swiftSettings: swiftSettings),
    .testTarget(
      name: "TensorsTests", dependencies: ["Tensors", "MatrixProducts", "Kernels", "Files", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(name: "FilesTests", dependencies: ["Files", "TestSupport"], swiftSettings: swiftSettings),
    .testTarget(
      name: "VerificationTests",
      dependencies: ["Verification", "Imaging", "Modeling", "SegmentAnything", "Tensors", "TestSupport"],
      swiftSettings: swiftSettings),
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: swiftSettings),
    // Fetching checkpoints; apart, so that the library needs no network client.
    .target(name: "Curl", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .target(name: "ModelStore", dependencies: ["Curl", "Files"], swiftSettings: swiftSettings),
    .target(name: "EmbeddedModel", exclude: ["sam_nano.safetensors"]),
    // Core
    .target(name: "Modeling", dependencies: ["Tensors"], swiftSettings: swiftSettings),
    .target(
      name: "SegmentAnything",
      dependencies: ["Modeling", "Checkpoints", "Imaging", "Tensors", "Files", "EmbeddedModel"],
      swiftSettings: swiftSettings),
    // Systems
    .target(
      name: "Verification",
      dependencies: ["SegmentAnything", "Modeling", "Checkpoints", "Imaging", "Tensors", "Files"],
      swiftSettings: swiftSettings),
    // Applications
    .executableTarget(
      name: "sam",
      dependencies: [
        "SegmentAnything", "Modeling", "Checkpoints", "Imaging", "Tensors", "Files", "ModelStore",
        "Verification", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftSettings),
  ]
)
