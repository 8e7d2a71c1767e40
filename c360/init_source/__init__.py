"""A first source YAML out of sample files: what they are, and the evidence for it beside every line."""

from c360.init_source.draft import draft, name_of

__all__ = ["draft", "name_of"]
