"""The models a configuration can choose."""
