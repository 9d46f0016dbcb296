"""What the rows of a data set show: coverage items, and the facts that meters count."""
