public import ArgumentParser
public import Evaluation

extension COCOEvaluation.Kind: ExpressibleByArgument {}
