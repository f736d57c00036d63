"""Caffe: the network that a prototxt describes."""
