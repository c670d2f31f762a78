"""Archives: everything fiscal of a period in one signed file, readable and checked without this program."""
