import Files
import SegmentAnything

extension SegmentCommand {
  /// The images, their prompts and their outputs; makes the folders that many images are written to.
  func plan() throws -> [SegmentTask] {
    guard let prompts else { return [try single(requestsOfOptions)] }
    let file = try InputFile.prompts(prompts)
    if let only = file.entries.first, only.image == nil {
      guard image != nil || embedding != nil else { throw CommandError.noImageInPrompts(file: prompts) }
      return [try single(resolved(only.prompts))]
    }
    if let image { throw CommandError.imageTwice(image: image, prompts: prompts) }
    if let embedding { throw CommandError.imageTwice(image: embedding, prompts: prompts) }
    if output == "-" { throw CommandError.severalToStandardOutput(count: file.entries.count) }
    let tasks = file.entries.map { entry in
      let image = besidesPrompts(entry.image ?? "")
      let stem = Path.stem(image)
      return SegmentTask(
        image: image, prompts: resolved(entry.prompts),
        output: output.map { OutputNames(base: Path.join($0, "\(stem).\(format.pathExtension)")) },
        overlay: overlay.map { Path.join($0, "\(stem)-overlay.jpg") })
    }
    try checkNames(tasks)
    for folder in [output, overlay].compactMap(\.self) { try Folder.make(folder) }
    return tasks
  }

  private func single(_ requests: [PromptRequest]) throws -> SegmentTask {
    SegmentTask(
      image: image, embedding: embedding, prompts: requests,
      output: output.map { OutputNames(base: named($0)) },
      overlay: overlay)
  }

  /// The options' prompt: all points belong to it; several boxes make several.
  private var requestsOfOptions: [PromptRequest] {
    let boxes: [Box?] = box.isEmpty ? [nil] : box
    return boxes.map { PromptRequest(points: point, box: $0, mask: mask, multimask: multimask) }
  }

  /// The file's prompts: masks are looked for beside the file, and `--multimask` counts for all.
  private func resolved(_ requests: [PromptRequest]) -> [PromptRequest] {
    requests.map { request in
      var request = request
      request.mask = request.mask.map(besidesPrompts)
      request.multimask = request.multimask || multimask
      return request
    }
  }

  private func besidesPrompts(_ path: String) -> String {
    prompts == "-" ? path : Path.resolve(path, besides: prompts ?? "")
  }

  /// Inside an existing folder a mask is named after its image.
  private func named(_ output: String) -> String {
    guard output != "-", Folder.isFolder(output) else { return output }
    return Path.join(output, "\(Path.stem(image ?? embedding ?? "")).\(format.pathExtension)")
  }

  private func checkNames(_ tasks: [SegmentTask]) throws {
    var images: [String: String] = [:]
    for task in tasks {
      guard let name = task.output?.base ?? task.overlay else { continue }
      if let first = images.updateValue(task.name, forKey: name) {
        throw CommandError.sameName(first: first, second: task.name, name: name)
      }
    }
  }
}
