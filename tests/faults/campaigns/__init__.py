"""One file per kind of fault; each has run(…) -> Verdict."""
