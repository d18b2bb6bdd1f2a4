"""What a WSGI server serves: ``granian --interface wsgi wsgi:app``."""

from daigou.app import create_app

app = create_app()
