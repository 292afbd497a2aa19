"""`python -m benchmarks` runs every measurement."""

from benchmarks.reproducibility import main

main()
