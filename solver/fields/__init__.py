"""The coupled equations as a list of terms, each with the currents that it reports."""
