"""R's model formulas: read, checked and evaluated here; nothing that a formula contains is ever run as code.

syntax : text -> tree, and back as R writes it
terms : tree -> variables and terms
values, functions, evaluation : a variable's tree -> its values
coding : variables and terms -> columns and their names
"""
