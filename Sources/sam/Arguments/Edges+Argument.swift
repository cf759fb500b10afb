public import ArgumentParser
public import Evaluation

extension EdgeSuppression: ExpressibleByArgument {}
extension MaskEdges.Border: ExpressibleByArgument {}
