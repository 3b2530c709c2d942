"""The bundled features of Linli, one folder each, all of the same shape."""
