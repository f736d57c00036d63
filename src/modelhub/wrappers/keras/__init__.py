"""Keras: networks that its files describe; models captured, rebuilt and run."""
