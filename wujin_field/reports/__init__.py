"""What we tell others: facts → content (plain data) → a document. Only gather.py asks the database.

facts.py    what is handed over: plain values
content.py  what is printed, word for word, from the facts and the layout of reports.toml
docx.py     how it looks on official paper; ooxml.py its words, wordfile.py its zip, word/ its fixed parts
"""
