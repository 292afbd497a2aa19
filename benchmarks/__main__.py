"""`python -m benchmarks` runs every measurement."""

from benchmarks import reproducibility, themes

reproducibility.main()
themes.main()
