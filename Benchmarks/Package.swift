// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that whoever depends on the library neither resolves nor builds benchmarks.

#if os(macOS)
  let blas: [LinkerSetting] = [.linkedFramework("Accelerate")]
#else
  let blas: [LinkerSetting] = [.linkedLibrary("openblas")]
#endif

let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "segment-anything", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    // The yardstick: the vendor's own multithreaded product. On Debian: apt-get install libopenblas-dev.
    .target(name: "VendorProduct", linkerSettings: blas),
    .executableTarget(
      name: "bench",
      dependencies: [
        "VendorProduct",
        .product(name: "SegmentAnything", package: "segment-anything"),
        .product(name: "Training", package: "segment-anything"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
      ]),
  ]
)
