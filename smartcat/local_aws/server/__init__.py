"""The HTTP server and the WSGI layers that know no single service: requests, injected faults, metrics."""
