public import ArgumentParser
public import Modeling

extension Precision: ExpressibleByArgument {}
