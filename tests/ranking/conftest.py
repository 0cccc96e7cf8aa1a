from benches import base, fresh, home

__all__ = ["base", "fresh", "home"]
