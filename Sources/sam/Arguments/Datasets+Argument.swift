public import ArgumentParser
public import Datasets

extension OutputFormat: ExpressibleByArgument {}
extension DatasetFormat: ExpressibleByArgument {}
extension COCOWriter.Segmentation: ExpressibleByArgument {}
