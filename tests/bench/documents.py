"""`make bench-documents`: what it costs to write a document in its forms, and to judge them by the official rules.

A rate per core is one per second of processor time, of all threads of the process: what else the machine does does not
count. Every document is written and judged anew.
"""

from tests.bench import forms
from tests.bench.command import benchmark

main = benchmark(
    "documents",
    "Measure how fast documents are written as CII and UBL, and judged by the official rules.",
    {
        "forms": forms.written,
        "rules": forms.judged,
    },
)

if __name__ == "__main__":
    main()
