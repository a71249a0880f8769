"""The conversation: settings, sessions, understanding, profile, the hosted language model, explanation, the flow, the page."""

import os

# How threads of numpy and torch wait for work; read when these are loaded, so it is set before either. A thread that spins
# keeps a core from the others: after a product in numpy, embedding a text takes three times as long on two cores.
for _name, _value in {"OPENBLAS_THREAD_TIMEOUT": "10", "OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "10000"}.items():
    os.environ.setdefault(_name, _value)  # waking a thread for every small product would double an idle machine's time
