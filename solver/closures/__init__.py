"""The laws and observables of a config: ours, and classes from files of the user's own."""
