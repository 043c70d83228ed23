"""MAY WE BELIEVE IT: one file per question. Nothing here changes a record; a flag is a reason to look."""
