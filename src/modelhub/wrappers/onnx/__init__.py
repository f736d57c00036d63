"""ONNX: the network of a model, read without its weights and without the onnx package."""
