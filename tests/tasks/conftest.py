from benches import base, home

__all__ = ["base", "home"]
