public import ArgumentParser
public import Training

extension FineTunedPart: ExpressibleByArgument {}
