"""What a WSGI server serves: ``granian --interface wsgi wsgi:app``."""

import gc

from daigou.app import create_app

app = create_app()
# What is here now stays: half a million objects need not be looked through, again and again, for what may go.
gc.collect()
gc.freeze()
