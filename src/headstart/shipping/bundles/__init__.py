"""Bundles: written, measured, exported, and predicting; no training code."""
