from benches import base, fresh, home, home_of_layers

__all__ = ["base", "fresh", "home", "home_of_layers"]
