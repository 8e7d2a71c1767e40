"""`c360 docs`: the data dictionary, where everything comes from, and how good it was, as one page of HTML."""
