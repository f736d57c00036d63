"""Enclosures of what a network computes while weights are known within a radius."""
