"""The version, from the one place that holds it: the package's metadata."""

from importlib.metadata import version

VERSION = version("headstart")
