"""Hugging Face transformers: the network that a `config.json` names, without its weights."""
