"""The lists that leave the house, by what they are of; figures/lists.py gathers them."""
