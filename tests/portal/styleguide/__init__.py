"""Tests of the styleguide."""
