"""Run configuration: YAML with units in, validated SI values out."""
