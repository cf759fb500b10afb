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
    .library(name: "Tensors", targets: ["Tensors","Files"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
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
    // Tests
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: swiftSettings),
    // Core
    .target(name: "Modeling", dependencies: ["Tensors"], swiftSettings: swiftSettings),
  ]
)
