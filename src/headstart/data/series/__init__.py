"""Series: tables of them, their grids, windows as bytes and as what a network takes."""
