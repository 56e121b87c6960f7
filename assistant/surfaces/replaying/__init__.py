"""An old answer explained: shown as it was, made again on the same index and on the present one, compared."""
