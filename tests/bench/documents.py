"""`make bench-documents`: what it costs to write a document in its forms, to judge them and to draw it.

A rate per core is one per second of processor time, of all threads of the process: what else the machine does does not
count. Every document is written and judged anew.
"""

from tests.bench import forms
from tests.bench.command import benchmark

main = benchmark(
    "documents",
    "Measure how fast documents are written as CII and UBL, judged by the official rules, and drawn.",
    {
        "forms": forms.written,
        "rules": forms.judged,
        "drawing": forms.drawn,
    },
)

if __name__ == "__main__":
    main()
