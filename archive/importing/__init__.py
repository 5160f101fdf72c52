"""Past talks of other groups, taken in from a file: read, understood, and only then written.

`rows` reads a line, `names` and `prose` what people typed into it, `plan` puts talks together to sessions and series;
all of that is pure. `writing` compares the plan with the database and adds what is not there yet.
"""
