#!/usr/bin/env python3
"""An issuer of keys on this machine, for which every key works.

usage: issuer.py CONFIG

Writes to CONFIG what sends questions here, and answers until it is killed.
"""

import http.server
import sys
from pathlib import Path

MODELS = b'{"object": "list", "data": [{"id": "gpt-4o", "name": "one"}, {"id": "o3", "name": "two"}]}'


class Issuer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("openai-organization", "org-tests")
        self.send_header("content-length", str(len(MODELS)))
        self.end_headers()
        self.wfile.write(MODELS)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Issuer)
address = f"http://127.0.0.1:{server.server_port}"
text = "".join(f'{name} = "{address}"\n' for name in ("openai", "azure-openai", "anthropic"))
# All at once: somebody waits for the file.
config = Path(sys.argv[1])
config.with_suffix(".new").write_text(f"[verify.base-url]\n{text}")
config.with_suffix(".new").rename(config)
server.serve_forever()
