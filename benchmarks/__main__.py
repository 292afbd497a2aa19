"""`python -m benchmarks` runs every measurement."""

from benchmarks import fuzz, loading, reproducibility, themes, watch

reproducibility.main()
themes.main()
watch.main()
loading.main()
fuzz.main()
