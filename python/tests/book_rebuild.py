"""A book rebuilt from exported rows of events by what docs/export-schema.md says of them, and from nothing else."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]


@dataclass
class Order:
    side: str
    price: Decimal
    size: Decimal
    rank: int


def plain(value: Decimal) -> str:
    """The shortest decimal without an exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class Book:
    """Orders in their queues, or sizes by price; lists that are searched, nothing clever."""

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self.queues: dict[tuple[str, Decimal], list[str]] = {}
        self.levels: dict[tuple[str, Decimal], Decimal] = {}

    def apply(self, row: Row) -> None:
        kind = row["kind"]
        if kind == "cleared":
            self.__init__()  # type: ignore[misc]
        elif kind in ("resting", "opened"):
            order = Order(row["side"], row["price"], row["size"], row["rank"] or 0)
            assert row["order_id"] not in self.orders, "no order rests twice"
            self.orders[row["order_id"]] = order
            self._enter(row["order_id"], order)
        elif kind == "changed":
            self._change(row["order_id"], row["price"], row["size"])
        elif kind in ("reduced", "removed"):
            order = self.orders[row["order_id"]]
            order.size -= row["size"]
            assert order.size >= 0, "no order loses more than it has"
            if order.size == 0:
                self._leave(row["order_id"])
        elif kind == "level":
            self.levels[row["side"], row["price"]] = row["size"]

    def _enter(self, order_id: str, order: Order) -> None:
        queue = self.queues.setdefault((order.side, order.price), [])
        place = len(queue)
        while place > 0 and self.orders[queue[place - 1]].rank > order.rank:
            place -= 1
        queue.insert(place, order_id)

    def _leave(self, order_id: str) -> None:
        order = self.orders.pop(order_id)
        self.queues[order.side, order.price].remove(order_id)

    def _change(self, order_id: str, price: Decimal, size: Decimal) -> None:
        order = self.orders[order_id]
        if price == order.price and size <= order.size:
            order.size = size
            return
        self._leave(order_id)
        moved = Order(order.side, price, size, order.rank)
        self.orders[order_id] = moved
        self._enter(order_id, moved)

    def lines(self, side: str) -> Iterable[str]:
        mark = side[0]
        prices = sorted((price for at, price in self.queues if at == side), reverse=side == "bid")
        for price in prices:
            for order_id in self.queues[side, price]:
                yield f"{mark} {plain(price)} {plain(self.orders[order_id].size)} {order_id}\n"

    def digest(self) -> str:
        """By the rendering that bookreel documents: orders, best first, in the order of their queues."""
        text = "orders\n" + "".join(self.lines("bid")) + "".join(self.lines("ask"))
        return hashlib.sha256(text.encode()).hexdigest()

    def side(self, side: str) -> list[tuple[Decimal, Decimal]]:
        """Prices and their sizes, best first."""
        sizes = {price: size for (at, price), size in self.levels.items() if at == side and size > 0}
        for (at, price), queue in self.queues.items():
            if at == side and queue:
                sizes[price] = sum((self.orders[order_id].size for order_id in queue), Decimal(0))
        return sorted(sizes.items(), reverse=side == "bid")
