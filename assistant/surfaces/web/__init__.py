"""What people see in a browser: the widget, the home page, the reader. Templates, texts and static files lie beside.

Every Chinese word of the interface stands in `texts/`, one file an area; templates and scripts name it by its key.
"""
