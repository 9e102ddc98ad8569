"""Where things stand on the pages: everything is measured and placed before anything is drawn. Millimetres."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.invoices.adapters import paper

LEFT, RIGHT = 20.0, paper.WIDTH - 20.0
FIRST_TOP, NEXT_TOP = 112.0, 36.0
"""Where the table's lines begin on the first page and on the others; the column heads stand above."""
BOTTOM = 268.0
HEADS = 7.5
"""Height of the column heads."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the document that no page break cuts."""

    height: float
    draw: Callable[[float], None]
    """Draws it with its upper edge at the given place."""
    in_table: bool = False
    """Stands under column heads, which every page repeats."""
    together: float = 0.0
    """How much of what follows must fit on the same page."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A block and where its upper edge is."""

    top: float
    block: Block

    @property
    def bottom(self) -> float:
        """Where the next one may begin."""
        return self.top + self.block.height


def paginate(blocks: Sequence[Block]) -> list[list[Placed]]:
    """Share the blocks out over pages, in order; one that does not fit under the last begins a page."""
    pages: list[list[Placed]] = [[]]
    y = FIRST_TOP
    for block in blocks:
        top = NEXT_TOP if block.in_table else NEXT_TOP - HEADS
        if y + block.height + block.together > BOTTOM and y > top:
            pages.append([])
            y = top
        pages[-1].append(Placed(y, block))
        y += block.height
    return pages
