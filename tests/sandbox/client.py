"""One client for all: each new one reads certificates for longer than a request takes."""

import httpx

http = httpx.Client(trust_env=False)
