"""`python -m trends` is the command `trends`."""

from trends.cli import main

if __name__ == "__main__":
    main()
