import ModelStore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension ModelStore {
  /// The store of the user who runs the command.
  static func ofUser() throws(ModelStoreError) -> ModelStore {
    try ModelStore(environment: ProcessInfo.processInfo.environment)
  }
}
