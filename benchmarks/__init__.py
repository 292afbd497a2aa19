"""The measurements behind the figures that the project quotes."""
