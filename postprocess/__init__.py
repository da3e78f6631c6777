"""Plots and reports from run directories."""
