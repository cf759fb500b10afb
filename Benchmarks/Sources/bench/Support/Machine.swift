internal import Foundation
internal import Tensors

/// What the measurements were made on.
enum Machine {
  /// The processor, its cores, and the instruction set that the kernels have chosen.
  static var description: String {
    "\(processor), \(Compute.processorCount) cores, \(Compute.kernelSet)"
  }

  private static var processor: String {
    let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    func value(_ key: String) -> String? {
      information.split(separator: "\n").first { $0.hasPrefix(key + "\t") }?
        .split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
    }
    guard let name = value("model name") else { return "unknown processor" }
    guard let family = value("cpu family"), let model = value("model") else { return name }
    return "\(name) (family \(family), model \(model))"
  }

  /// Running tasks of the last minute.
  static var load: String {
    var averages = [0.0]
    return getloadavg(&averages, 1) == 1 ? String(format: "%.1f", averages[0]) : "unknown"
  }

  /// The largest resident size of this process so far, in megabytes (10⁶ bytes).
  static var peakMemory: Double {
    #if os(Linux)
      // Not getrusage: its figure may be that of the program that started this one.
      let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
      let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
      return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }
        .map { $0 * 1024 / 1e6 } ?? .nan
    #else
      var usage = rusage()
      getrusage(RUSAGE_SELF, &usage)
      return Double(usage.ru_maxrss) / 1e6
    #endif
  }
}
