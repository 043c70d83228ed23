"""WHAT IT ADDS UP TO: queries in, plain numbers and lines out. Order of counting as domain.md D writes it."""
