"""Exports as files that nobody else can read: figures in the folder of exports, names in that of copies.

What has names in it goes when a customer is erased: `printing.erasing` knows the files by what they are
called. Each asks who may, writes aside, tells the journal, and only then gives its files their names.
"""
