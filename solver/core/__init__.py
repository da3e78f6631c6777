"""What every model is made of: states that are stepped, and how they are written down."""
