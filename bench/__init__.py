"""How fast the box office is, as ratios taken in one run: `python -m bench`."""
