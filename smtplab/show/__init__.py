"""How things look: colours and HTML, figures as SVG, DataFrames as HTML, octets made visible."""
