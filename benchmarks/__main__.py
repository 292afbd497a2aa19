"""`python -m benchmarks` runs every measurement."""

from benchmarks import fuzz, loading, reproducibility, themes

reproducibility.main()
themes.main()
loading.main()
fuzz.main()
