"""Boxes on pictures, in every format that is read."""
