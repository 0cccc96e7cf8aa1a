"""The dull baselines, by what they answer."""
