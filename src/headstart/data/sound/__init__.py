"""What only sound knows: its files, its spectrograms, how sets of recordings are laid out."""
