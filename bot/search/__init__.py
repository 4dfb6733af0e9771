"""Search over the procedures, the glossary and the imported official pages (fiches)."""
