"""The settings of the festival, section by section, each a list of what may be changed."""
