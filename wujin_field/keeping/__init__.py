"""NOTHING IS LOST, AND WE CAN TELL: copies while serving, the way back, and the proof that what we hold is what was said.

backup.py    one dated snapshot of the database beside photos that are only ever added
restore.py   a whole snapshot into an empty folder, under a new instance id, so that phones offer again what they kept
verify.py    everything recomputed; one file per book: audit, receipts, claims, fields, devices, books, photos
findings.py  every sentence that verify can say, and what to do about it
sweep.py     bytes that no row knows, once they are old
commands.py  the four of them on the command line
"""
