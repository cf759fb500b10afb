public import ArgumentParser
public import Evaluation

extension MaskPairing.Rule: ExpressibleByArgument {}
