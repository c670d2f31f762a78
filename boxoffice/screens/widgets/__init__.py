"""The widgets that are looked at all day: drawn line by line, repainting only what changed."""
