internal import Imaging

/// Removes small regions from masks as they come, and duplicates that this brings about: masks that need no change come first and
/// displace those that do, which have to wait until all are known.
struct CleanUp {
  private let settings: AutomaticMaskGenerator.Settings
  private var suppression: BoxSuppression
  private var changed: [MaskCandidate] = []

  init(_ settings: AutomaticMaskGenerator.Settings) {
    self.settings = settings
    suppression = BoxSuppression(threshold: max(settings.boxNMSThreshold, settings.cropNMSThreshold))
  }

  /// The mask, where it is final.
  mutating func pass(_ candidate: MaskCandidate) -> MaskCandidate? {
    guard settings.minimumRegionArea > 0 else { return candidate }
    var candidate = candidate
    guard let isChanged = candidate.cleanUp(settings) else { return nil }
    if isChanged {
      changed.append(candidate)
      return nil
    }
    return suppression.admit(candidate.box) ? candidate : nil
  }

  /// The masks that waited and stay.
  mutating func finish() -> [MaskCandidate] {
    changed.filter { suppression.admit($0.box) }
  }
}
