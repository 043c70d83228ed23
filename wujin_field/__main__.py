"""python -m wujin_field …: the `wujin` command without its script."""

from .cli import main

main()
