// One generator serves the program and its tests; a failing random test can be repeated with its seed.
@_exported public import struct Statistics.SplitMix64
