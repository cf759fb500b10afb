// One import serves a user of the library: images and masks, sizes of models, and tensors are part of its interface.
@_exported public import Imaging
@_exported public import Modeling
@_exported public import Tensors
